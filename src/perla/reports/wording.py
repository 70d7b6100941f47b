"""The fixed words of the reports, in both languages."""

from __future__ import annotations

from types import SimpleNamespace

from perla.words import Lang, Text

BARGAINS = Text("Bargains", "Perlas")
ALL_LISTINGS = Text("All listings", "Todos los anuncios")
SET_ASIDE = Text("Set aside", "Apartados")
MODEL = Text("Model", "Modelo")
LISTING = Text("Listing", "Anuncio")
ID = Text("Id", "Código")
RANK = Text("Rank", "Puesto")
VERDICT = Text("Verdict", "Veredicto")
ASKING = Text("Asking price", "Precio pedido")
EXPECTED = Text("Expected price", "Precio esperado")
SHOULD_COST = Text("should cost about", "debería costar cerca de")
ASKS = Text("asks", "pide")
LOW = Text("Low", "Mínimo")
HIGH = Text("High", "Máximo")
INTERVAL = Text("90 % interval", "Intervalo del 90 %")
DISCOUNT = Text("Discount", "Descuento")
SAVING = Text("Saving", "Ahorro")
CHANCE = Text("Chance", "Probabilidad")
P_VALUE = Text("p-value", "Valor p")
CHANCE_OF = Text("chance that it is a bargain", "probabilidad de que sea una perla")
CHANCE_TOLD = Text(
    "Chance: of 100 listings with this evidence, how many are truly priced below their worth; it presumes that 2 in "
    "100 listings are.",
    "Probabilidad: de cada 100 anuncios con esta evidencia, cuántos piden de verdad menos de lo que valen; supone que "
    "lo hacen 2 de cada 100.",
)
OPINIONS = Text("What unlike models expect", "Qué esperan modelos distintos")
EXPLANATIONS = Text("What could explain the price", "Qué podría explicar el precio")
EXPLANATIONS_TOLD = Text(
    "One attribute at a time is changed to another believable value, and the price is estimated anew.",
    "Se cambia un solo atributo por otro valor creíble y se vuelve a estimar el precio.",
)
NOTHING_EXPLAINS_LOW = Text(
    "No single attribute explains the low price", "Ningún atributo explica por sí solo el precio bajo"
)
NOTHING_EXPLAINS_HIGH = Text(
    "No single attribute explains the high price", "Ningún atributo explica por sí solo el precio alto"
)
WHY = Text("Why", "Por qué")
REASONS = Text("Reasons", "Razones")
LINK = Text("Link", "Enlace")
OPEN_AD = Text("Open the ad", "Abrir el anuncio")
DETAILS = Text("Details", "Detalles")
BACK = Text("Back to the bargains", "Volver a las perlas")
SUBJECT = Text("Subject", "Este anuncio")
COMPARABLE = Text("Comparable", "Comparable")
COMPARABLES = Text("Comparables", "Comparables")
COMPARABLES_TOLD = Text(
    "The most similar listings laid beside it. The adjusted price is what each would ask if it were this one.",
    "Los anuncios más parecidos, puestos al lado. El precio ajustado es lo que pediría cada uno si fuera este.",
)
NO_COMPARABLES = Text("No comparable listings.", "No hay anuncios comparables.")
ADJUSTED = Text("Adjusted price", "Precio ajustado")
ADJUSTMENT = Text("Adjustment", "Ajuste")
SIMILARITY = Text("Similarity", "Parecido")
MEDIAN_ADJUSTED = Text("Median of the adjusted prices", "Mediana de los precios ajustados")
GRID = Text("What each difference is worth", "Cuánto vale cada diferencia")
EVERYTHING_ELSE = Text("Smaller differences and interplay", "Diferencias menores y su efecto conjunto")
SURPRISE = Text("Surprise per column", "Sorpresa por columna")
SURPRISE_TOLD = Text(
    "How far each value is from what the rest of the listing suggests, in units of the usual error; "
    "within ±2 is ordinary.",
    "Qué tan lejos está cada valor de lo que sugiere el resto del anuncio, en unidades del error usual; "
    "dentro de ±2 es corriente.",
)
COLUMN = Text("Column", "Columna")
STANDS = Text("In the ad", "En el anuncio")
USUAL = Text("Expected", "Esperado")
UNITS = Text("Usual errors", "Errores usuales")
WISHED = Text("wished", "deseado")
DRIVERS = Text("What makes the price", "Qué forma el precio")
DRIVERS_TOLD = Text(
    "What each attribute adds to the typical price of this market, or takes from it.",
    "Lo que cada atributo le suma al precio típico de este mercado, o le resta.",
)
ATTRIBUTE = Text("Attribute", "Atributo")
COUNT = Text("Count", "Cantidad")
REASON = Text("Reason", "Razón")
ROW = Text("Row", "Fila")
FILE = Text("File", "Archivo")
VALUE = Text("Value", "Valor")
SUSPICIOUS = Text("Suspicious listings", "Anuncios sospechosos")
ERROR_COLUMN = Text("Probable error in", "Error probable en")
PROBABLE_VALUE = Text("Probable value", "Valor probable")
TYPING_ERRORS = Text("Probable typing errors", "Probables errores de digitación")
SUSPICIOUS_TOLD = Text(
    "Odd in more than the price, or off by a factor: most likely a mistake or a catch, so not shown as bargains.",
    "Raros en algo más que el precio, o con un error de escala: quizá una equivocación o una trampa; no son perlas.",
)
REJECTED = Text("Rows that could not be used", "Filas que no se pudieron usar")
DOUBTS = Text("Cells that cannot be right", "Celdas que no pueden ser correctas")
DOUBTS_TOLD = Text(
    "The models did not see these cells; the rest of the listing was used.",
    "Los modelos no vieron estas celdas; el resto del anuncio sí se usó.",
)
NOTHING_ASIDE = Text("Nothing was set aside.", "No se apartó nada.")
AND_MORE = ("and {count} more", "y {count} más")
ERROR = Text("Typical error", "Error típico")
WITHIN_10 = Text("Within 10 %", "A menos del 10 %")
FIT = Text("Fit (R²)", "Ajuste (R²)")
HOW_WELL = Text("How good the estimates are", "Qué tan buenas son las estimaciones")
HOW_WELL_TOLD = Text(
    "Measured on listings each model had never seen; the simple baseline stands beside it.",
    "Medido en anuncios que cada modelo nunca vio; al lado está el modelo base, que es más sencillo.",
)
COVERAGE = Text("Prices inside their 90 % interval", "Precios dentro de su intervalo del 90 %")
WIDTH = Text("Usual width of the interval (high / low)", "Ancho usual del intervalo (máximo / mínimo)")
LEARNED_FROM = Text("Learned from", "Aprendió de")
LEARNED = Text("Listings learned from", "Anuncios de los que aprendió")
NOT_LEARNED = Text("Listings not learned from", "Anuncios de los que no aprendió")
VERSION = Text("perla version", "Versión de perla")
SEED = Text("Seed", "Semilla")
HASH = Text("Fingerprint of the data", "Huella de los datos")
MADE_ON = Text("Made on", "Hecho el")
WEIGHTS = Text("Share of each model", "Peso de cada modelo")
MAIN_DRIVERS = Text("Columns that matter most for the price", "Columnas que más pesan en el precio")
KEPT_OUT = Text("Columns kept out because they give the price away", "Columnas excluidas porque delatan el precio")
LEFT_OUT = Text("Columns not modelled", "Columnas que no se modelan")
NOTES = Text("Notes", "Notas")
NONE = Text("none", "ninguna")
LIMITS = Text("Read this before you decide", "Lea esto antes de decidir")
LIMITS_TOLD = (
    Text("These are asking prices, not sales.", "Son precios pedidos, no ventas."),
    Text(
        "An estimate is not an appraisal: it knows only what the ad says.",
        "Una estimación no es un avalúo: solo sabe lo que dice el anuncio.",
    ),
    Text(
        "A low price can have a cause the ad does not tell: visit, check the papers and ask why before you buy.",
        "Un precio bajo puede tener una causa que el anuncio no cuenta: visite, revise los papeles y pregunte por qué "
        "antes de comprar.",
    ),
)
SIMULATED_TOLD = Text(
    "SIMULATED DATA: these listings were made up for a demonstration. None of them exists.",
    "DATOS SIMULADOS: estos anuncios se inventaron para una demostración. Ninguno existe.",
)
CHARTS = Text("The market at a glance", "El mercado de un vistazo")
CHART_PRICES = Text("Asking price against expected price", "Precio pedido frente al esperado")
CHART_PRICES_TOLD = Text(
    "Each dot is a listing. On the line the asking price is what it should be; the band is the usual 90 % interval. "
    "The numbered ones, below it, are the bargains.",
    "Cada punto es un anuncio. Sobre la línea, el precio pedido es el que debería ser; la banda es el intervalo usual "
    "del 90 %. Los numerados, por debajo, son las perlas.",
)
CHART_DRIVER = ("Asking price by {column}", "Precio pedido según {column}")
CHART_DRIVER_TOLD = Text(
    "The column that matters most for the price here.", "La columna que más pesa en el precio de este mercado."
)
CHART_MAP = Text("Map", "Mapa")
CHART_MAP_TOLD = Text(
    "Where the listings are: teal costs less than the typical one, orange more. The numbered ones are the bargains.",
    "Dónde están los anuncios: los verdes cuestan menos que lo típico, los naranja más. Los numerados son las perlas.",
)
MADE_BY = ("Made by perla {version}", "Hecho por perla {version}")
MORE_SHEETS = (
    "Only the first {count} bargains have a sheet of their own.",
    "Solo las primeras {count} perlas tienen hoja propia.",
)
MORE_ROWS = ("Only the first {count} rows are here.", "Aquí solo están las primeras {count} filas.")
NOT_SHOWN = Text("Why it is not shown as a bargain", "Por qué no se muestra como perla")
IS_BARGAIN = Text("It is a bargain", "Es una perla")
SHOWN = Text("Shown as a bargain", "Se muestra como perla")


def spoken(lang: Lang) -> SimpleNamespace:
    """Every fixed word in one language, by its name in lower case; a name that does not exist raises.

    >>> spoken("es").bargains
    'Perlas'
    """
    words = {name.lower(): value.text(lang) for name, value in globals().items() if isinstance(value, Text)}
    return SimpleNamespace(**words, limits_lines=[t.text(lang) for t in LIMITS_TOLD])
