"""The fixed words of the pages, in both languages; what is said of a bargain has its words in the reports."""

from __future__ import annotations

from types import SimpleNamespace

from perla.words import Lang, Text

ASK = Text("What should it cost?", "¿Cuánto debería costar?")
THE_MARKET = Text("The market", "El mercado")
PAGES = Text("Pages", "Páginas")
LANGUAGE = Text("Language", "Idioma")
MARKET = Text("Market", "Mercado")
CHOOSE = Text("Choose", "Elegir")
SKIP = Text("Skip to the content", "Ir al contenido")
TAGLINE = Text(
    "Listings priced clearly below what they should cost, with the proof.",
    "Anuncios con un precio claramente inferior al que deberían tener, con la prueba.",
)
SIMULATED = Text("Simulated", "Simulado")
# bargains
FILTERS = Text("Filters", "Filtros")
MORE_FILTERS = Text("More filters", "Más filtros")
WISH = Text("Wish", "Deseo")
WISH_HINT = Text("price low, area high", "precio bajo, área alta")
SEEN_WITHIN = Text("Seen within", "Visto en")
ANY_TIME = Text("any time", "cualquier fecha")
LAST_DAYS = ("the last {days} days", "los últimos {days} días")
ANY = Text("any", "cualquiera")
FROM = Text("from", "desde")
TO = Text("to", "hasta")
WHERE = Text("Free filter", "Filtro libre")
WHERE_HINT = ("{column} >= {value}", "{column} >= {value}")
APPLY = Text("Show", "Mostrar")
CLEAR = Text("Clear", "Limpiar")
FOUND_ONE = Text("1 bargain", "1 perla")
FOUND = ("{count} bargains", "{count} perlas")
AMONG = ("among {count} listings", "entre {count} anuncios")
SHOWN = ("{first}–{last} of {count}", "{first}–{last} de {count}")
PREVIOUS = Text("Previous", "Anteriores")
NEXT = Text("Next", "Siguientes")
NOTHING_TITLE = Text("No bargain here", "Aquí no hay perlas")
NOTHING_ALL = Text(
    "Nothing in this market is priced clearly below what it should cost. That is an honest answer: look again when new "
    "listings have come in.",
    "Nada en este mercado tiene un precio claramente inferior al que debería. Es una respuesta honrada: vuelva cuando "
    "haya anuncios nuevos.",
)
NOTHING_FILTERED = Text(
    "No bargain passes these filters. Loosen one of them, or clear them all.",
    "Ninguna perla pasa estos filtros. Afloje alguno o límpielos todos.",
)
SCALE = Text(
    "The dot is the asking price, the line the expected price, the band the 90 % interval; all rows share one scale.",
    "El punto es el precio pedido, la línea el precio esperado y la banda el intervalo del 90 %; todas las filas "
    "comparten la escala.",
)
EXPECTED_SHORT = Text("expected", "esperado")
MAP = Text("Map of the bargains", "Mapa de las perlas")
MAP_TOLD = Text(
    "The numbered are the bargains of the list. The dots are other listings: teal costs less than the typical one, "
    "orange more.",
    "Los numerados son las perlas de la lista. Los puntos son otros anuncios: los verdes cuestan menos que lo típico, "
    "los naranja más.",
)
MAP_COMPARABLES = Text("Map of the comparables", "Mapa de los comparables")
MAP_COMPARABLES_TOLD = Text(
    "The pearl is this listing, the numbered are its comparables.",
    "La perla es este anuncio; los numerados, sus comparables.",
)
NO_MAP = Text("These listings have no coordinates.", "Estos anuncios no tienen coordenadas.")
NEEDS_SCRIPT = Text("The map needs JavaScript.", "El mapa necesita JavaScript.")
OUTLINES = Text("Outlines: Natural Earth", "Contornos: Natural Earth")
ZOOM_IN = Text("Zoom in", "Acercar")
ZOOM_OUT = Text("Zoom out", "Alejar")
LOADING = Text("Looking …", "Buscando …")
SEEN_TODAY = Text("seen today", "visto hoy")
SEEN_YESTERDAY = Text("seen yesterday", "visto ayer")
SEEN_DAYS = ("seen {days} days ago", "visto hace {days} días")
SEEN_MONTHS = ("seen {months} months ago", "visto hace {months} meses")
LAST_SEEN = Text("Last seen", "Visto por última vez")
FIRST_SEEN = Text("First seen", "Visto por primera vez")
# listing
ALL_BARGAINS = Text("All bargains", "Todas las perlas")
PROOF = Text("Download the proof", "Descargar la prueba")
PROOF_TOLD = Text("Excel workbook", "Libro de Excel")
AD_ELSEWHERE = Text("opens another site", "abre otro sitio")
NO_LINK = Text("This listing has no safe link to its ad.", "Este anuncio no tiene un enlace seguro a su aviso.")
THE_AD = Text("The ad, as it was read", "El anuncio, tal como se leyó")
HISTORY = Text("What it has asked over time", "Lo que ha pedido con el tiempo")
HISTORY_DAY = Text("Day", "Día")
NO_HISTORY = Text("Only one price has been seen.", "Solo se ha visto un precio.")
CHANGE = Text("Change", "Cambio")
# estimate
YES = Text("yes", "sí")
NO = Text("no", "no")
ESTIMATE_TOLD = Text(
    "Describe a thing of this market as an ad would, leave empty what you do not know, and see what it should cost.",
    "Describa algo de este mercado como lo haría un anuncio, deje vacío lo que no sepa y vea cuánto debería costar.",
)
ESTIMATE_NOW = Text("Estimate", "Estimar")
START_AGAIN = Text("Start again", "Empezar de nuevo")
ASKED_PRICE = Text("What it asks, if you know", "Lo que piden, si lo sabe")
RANGE_HINT = ("{low} to {high}", "{low} a {high}")
RESULT = Text("Estimate", "Estimación")
WITHOUT_PRICE = Text(
    "Without an asking price there is no verdict, only the estimate.",
    "Sin un precio pedido no hay veredicto, solo la estimación.",
)
NEEDS_ONE = Text("Fill in at least one field.", "Llene al menos un campo.")
MEND_FIELDS = Text("Please mend the marked fields.", "Por favor corrija los campos marcados.")
NOT_KNOWN = ("{value} is not a value this market knows.", "{value} no es un valor que este mercado conozca.")
PERHAPS = ("Did you mean {near}?", "¿Quiso decir {near}?")
UNSEEN = Text(
    "Nothing learned yet: fill in the form and press Estimate.",
    "Todavía nada: llene el formulario y oprima Estimar.",
)
# market
LISTINGS = Text("Listings", "Anuncios")
THINGS = Text("Different things", "Cosas distintas")
TYPICAL_PRICE = Text("Median asking price", "Precio pedido mediano")
PER_UNIT = ("per {unit}", "por {unit}")
NEWEST = Text("Newest sighting", "Visto más reciente")
TYPICAL_ERROR = Text("Typical error of the estimates", "Error típico de las estimaciones")
JUDGED_ON = Text("Judged on", "Calificado el")
IN_SERVICE = Text("Model in service", "Modelo en servicio")
UNDATED = Text("not dated", "sin fecha")
STEADY = Text("The listings are like those learned from", "Los anuncios se parecen a los aprendidos")
DRIFT = Text("Are the estimates still to be trusted?", "¿Se puede confiar todavía en las estimaciones?")
DRIFTED = Text("The market has moved away from what was learned", "El mercado se alejó de lo aprendido")
WATCHED = Text("The market is moving away from what was learned", "El mercado se está alejando de lo aprendido")
BY = ("Prices by {what}", "Precios por {what}")
BY_TOLD = Text(
    "Half of the listings ask within the bar; the line is the median. Choose a name to see its bargains.",
    "La mitad de los anuncios pide dentro de la barra; la línea es la mediana. Elija un nombre para ver sus perlas.",
)
FEW = Text("few", "pocos")
THE_REST = Text("the rest", "los demás")
MARKET_MAP = Text("Map of the market", "Mapa del mercado")
MARKET_MAP_TOLD = Text(
    "Each dot is a listing: teal costs less than the typical one, orange more.",
    "Cada punto es un anuncio: los verdes cuestan menos que lo típico, los naranja más.",
)
OVER_TIME = Text("Over time", "En el tiempo")
NO_TIME = Text(
    "These listings carry no dates, so nothing can be said of time.",
    "Estos anuncios no traen fechas: nada se puede decir del tiempo.",
)
MONTH = Text("Month", "Mes")
MEDIAN = Text("Median price", "Precio mediano")
NEW_BY_WEEK = Text("New listings by week", "Anuncios nuevos por semana")
CUTS = (
    "Of {followed} listings followed, {cut} were lowered at least once; a typical cut is {median}.",
    "De {followed} anuncios seguidos, {cut} bajaron al menos una vez; una rebaja típica es de {median}.",
)
ODD = Text("What is odd", "Qué hay de raro")
NOTHING_ODD = Text("Nothing odd was found.", "No se encontró nada raro.")
REJECTED = Text("Rows that could not be used", "Filas que no se pudieron usar")
EACH_COLUMN = Text("What stands in each column", "Qué hay en cada columna")
MISSING = Text("Missing", "Sin dato")
NOT_USED_YET = Text(
    "A newer edition could not be opened, so this one goes on answering",
    "No se pudo abrir una edición más nueva; sigue respondiendo esta",
)
# errors
NOT_FOUND = Text("Not here", "No está aquí")
NOT_READY = Text("Not ready yet", "Todavía no está listo")
NOT_READY_HINT = Text(
    "Nothing is in service yet. Whoever runs this service can put a market in service with:",
    "Todavía no hay nada en servicio. Quien administra este servicio puede poner un mercado en servicio con:",
)
FAILED_TITLE = Text("Something broke on our side", "Algo falló de nuestro lado")
NOT_UNDERSTOOD = Text("This was not understood", "Esto no se entendió")
BAD_ADDRESS = Text(
    "The address of this page holds something it cannot mean. Start again from the bargains.",
    "La dirección de esta página tiene algo que no puede significar. Empiece de nuevo desde las perlas.",
)
NO_SUCH_PAGE = Text("There is no such page.", "No existe esa página.")
FAILED = Text(
    "The page could not be made. It is logged; try again, and tell whoever runs this service if it happens again.",
    "No se pudo hacer la página. Quedó registrado; intente de nuevo y, si se repite, avise a quien administra esto.",
)
BROKEN_LINE = Text(
    "The list could not be fetched. Is the connection there? Nothing is lost: try again.",
    "No se pudo traer la lista. ¿Hay conexión? No se perdió nada: intente de nuevo.",
)
GO_HOME = Text("Go to the bargains", "Ir a las perlas")


def spoken(lang: Lang) -> SimpleNamespace:
    """Every fixed word in one language, by its name in lower case.

    >>> spoken("es").apply
    'Mostrar'
    """
    return SimpleNamespace(**{n.lower(): v.text(lang) for n, v in globals().items() if isinstance(v, Text)})


def capital(words: str) -> str:
    """Words that begin a line.

    >>> capital("área"), capital("")
    ('Área', '')
    """
    return words[:1].upper() + words[1:]
