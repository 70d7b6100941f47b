"""What columns are called: the words, in Spanish, English and some German and French, by which a column is recognised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from perla.listings.market import Kind
from perla.listings.names import words_of
from perla.words import Text

MONEY = "money"  # stands for the market's currency until that is known


@dataclass(frozen=True)
class Meaning:
    """What a column of some name means.

    unit : its unit where the name tells none (MONEY: the market's currency). low, high : bounds that hold for every such
    column. phrases : names, as plain words; the longest one found in a column's name wins.
    """

    key: str
    kind: Kind
    label: Text
    phrases: tuple[str, ...]
    unit: str = ""
    low: float | None = None
    high: float | None = None


def _meaning(key: str, kind: Kind, en: str, es: str, phrases: str, unit: str = "", low: float | None = None,
             high: float | None = None) -> Meaning:  # fmt: skip
    return Meaning(key, kind, Text(en, es), tuple(p.strip() for p in phrases.split(",")), unit, low, high)


_Q, _N, _C = Kind.QUANTITY, Kind.COUNT, Kind.CATEGORY
MEANINGS: tuple[Meaning, ...] = (
    # homes
    _meaning("area", _Q, "floor area", "área", "area, area construida, constructed area, construction area, superficie, "
             "superficie construida, floor area, living area, sqft, sqft living, size, home size, m2, mts2, metros, surface, "
             "metros cuadrados, square feet, square meters, wohnflache, flache, area privada, area total, sqm", "m2?"),
    _meaning("lot", _Q, "lot area", "área del lote", "lot, lot area, lot size, sqft lot, area lote, area terreno, terreno, "
             "lote, plot, plot area, grundstuck, grundstucksflache, land area, area del lote", "m2?"),
    _meaning("terrace", _Q, "terrace area", "área de terraza", "area terraza, area terraza balcon, terrace area, area balcon", "m2?"),
    _meaning("basement", _Q, "basement area", "área del sótano", "sqft basement, basement area, area sotano", "m2?"),
    _meaning("rooms", _N, "rooms", "habitaciones", "rooms, room number, bedrooms, bedroom, beds, habitaciones, alcobas, "
             "dormitorios, cuartos, recamaras, zimmer, schlafzimmer, chambres, pieces, num rooms, habs, bedrooms number", low=0),
    _meaning("baths", _N, "bathrooms", "baños", "baths, bath number, bathrooms, bathroom, banos, bano, badezimmer, "
             "salles de bain, wc", low=0),
    _meaning("garages", _N, "parking spaces", "parqueaderos", "garages, garage, parqueaderos, parqueadero, garajes, garaje, "
             "parking, parking spaces, parking space, estacionamientos, plazas de garaje, stellplatze, cocheras", low=0),
    _meaning("stratum", _N, "stratum", "estrato", "stratum, stratum name, estrato, estrato socioeconomico", low=0, high=6),
    _meaning("floor", _N, "floor", "piso", "piso, floor, floor number, planta, floor clean, etage, stockwerk, numero piso"),
    _meaning("floors", _N, "floors", "pisos", "floors, pisos, plantas, niveles, stories, storeys, etagen, max building floor", low=0),
    _meaning("administration", _Q, "administration fee", "administración", "administracion, administration, administration price, "
             "administration fee, precio administracion, valor administracion, cuota administracion, cuota de administracion, "
             "hoa, hoa fee, condo fee, condominium fee, gastos comunes, gastos de comunidad, expensas, hausgeld, charges", MONEY, 0),
    _meaning("parking price", _Q, "price of the parking space", "precio del parqueadero", "parking space price, parking price, "
             "precio garaje, precio parqueadero, garage price", MONEY, 0),
    _meaning("age", _N, "age", "antigüedad", "age, antiguedad, antiguead, edad, anos de antiguedad, property age, alter", low=0),
    _meaning("dwellings", _N, "dwellings in the building", "viviendas en el edificio", "dwelling count, dwellings", low=0),
    _meaning("distance", _Q, "distance", "distancia", "distance, distancia, distance to, entfernung", "", 0),
    _meaning("neighbourhood", _C, "neighbourhood", "barrio", "neighbourhood, neighborhood, barrio, vereda, colonia, stadtteil, "
             "quartier"),
    _meaning("sector", _C, "sector", "sector", "sector, zona, zone, district, distrito"),
    _meaning("locality", _C, "locality", "localidad", "localidad, locality, comuna, borough, bezirk"),
    _meaning("city", _C, "city", "ciudad", "city, ciudad, municipio, town, stadt, ort, ville"),
    _meaning("region", _C, "region", "región", "region, departamento, provincia, province, county, state code"),
    _meaning("postcode", _C, "postal code", "código postal", "zip, zipcode, zip code, postcode, postal code, codigo postal, plz"),
    _meaning("property type", _C, "property type", "tipo de inmueble", "property type, tipo propiedad, tipo inmueble, "
             "tipo de inmueble, home type, house type, inmueble"),
    _meaning("type", _C, "type", "tipo", "type, tipo"),
    _meaning("condition", _N, "condition", "estado", "condition, estado, zustand, etat"),
    _meaning("view", _N, "view", "vista", "view", low=0),
    _meaning("grade", _N, "grade", "calidad", "grade, overall quality, calidad", low=0),
    # cars
    _meaning("mileage", _Q, "mileage", "kilometraje", "mileage, kilometraje, km, kms, kilometers, kilometros, kilometres, "
             "recorrido, odometer, odometro, kilometerstand, laufleistung, miles, millas, kilometrage", "km?", 0),
    _meaning("make", _C, "make", "marca", "make, brand, marca, marke, marque, manufacturer, fabricante, maker"),
    _meaning("model", _C, "model", "modelo", "model, modelo, modell, modele"),
    _meaning("trim", _C, "trim", "versión", "trim, version, variant, variante, ausstattung, trim level"),
    _meaning("fuel", _C, "fuel", "combustible", "fuel, fuel type, combustible, tipo combustible, tipo de combustible, "
             "kraftstoff, carburant"),
    _meaning("transmission", _C, "transmission", "transmisión", "transmission, transmision, caja, gearbox, getriebe, gear"),
    _meaning("drivetrain", _C, "drivetrain", "tracción", "drivetrain, drive train, traccion, wheel config, antrieb, drive"),
    _meaning("body", _C, "body", "carrocería", "body, body style, bodystyle, body type, carroceria, karosserie"),
    _meaning("exterior colour", _C, "exterior colour", "color exterior", "exterior color, exterior colour, color exterior"),
    _meaning("interior colour", _C, "interior colour", "color interior", "interior color, interior colour, color interior"),
    _meaning("colour", _C, "colour", "color", "color, colour, farbe, couleur"),
    _meaning("seller", _C, "seller", "vendedor", "seller, seller type, vendedor, tipo vendedor, anbieter, seller name"),
    _meaning("dealer", _C, "dealer", "concesionario", "dealer, dealer name, concesionario, agency, inmobiliaria, compania, company"),
    _meaning("new or used", _C, "new or used", "nuevo o usado", "stock type, new or used, nuevo usado"),
    _meaning("segment", _C, "segment", "segmento", "cat, category, categoria, segment, segmento"),
    _meaning("location", _C, "location", "ubicación", "location, ubicacion, direccion, address, standort, lugar"),
    _meaning("power", _Q, "power", "potencia", "power, potencia, kw, hp, horsepower, caballos, leistung, puissance, ps, cv",
             "kW?", 0),
    _meaning("engine", _Q, "engine size", "cilindraje", "engine size, engine, cilindraje, cilindrada, hubraum, displacement, "
             "engine capacity, engine displacement, motor, cylindree", "L?", 0),
    _meaning("mpg", _Q, "miles per gallon", "millas por galón", "mpg, miles per gallon", "mpg", 0),
    _meaning("consumption", _Q, "consumption", "consumo", "consumption, consumo, verbrauch, consommation", "l/100km", 0),
    _meaning("tax", _Q, "yearly tax", "impuesto anual", "tax, road tax, impuesto, impuestos, predial, steuer, property tax", MONEY, 0),
    _meaning("doors", _N, "doors", "puertas", "doors, puertas, turen, portes, num doors", low=0),
    _meaning("seats", _N, "seats", "asientos", "seats, asientos, puestos, sitze", low=0),
    _meaning("cylinders", _N, "cylinders", "cilindros", "cylinders, cilindros, nro de cilindros, zylinder", low=0),
    _meaning("owners", _N, "previous owners", "dueños anteriores", "owners, previous owners, duenos, propietarios, vorbesitzer",
             low=0),
    _meaning("warranty", _Q, "warranty", "garantía", "warranty, garantia", "", 0),
    # time
    _meaning("published year", _N, "year published", "año de publicación", "published year, ano publicacion"),
    _meaning("published month", _N, "month published", "mes de publicación", "published month, mes publicacion, month, mes",
             low=1, high=12),
    _meaning("built", _N, "year built", "año de construcción", "yr built, year built, built year, construction year, "
             "ano construccion, ano de construccion, baujahr, annee construction"),
    _meaning("cadastre year", _N, "year built (cadastre)", "año de construcción (catastro)", "cad construction year, "
             "cadastral construction year"),
    _meaning("renovated", _N, "year renovated", "año de remodelación", "yr renovated, year renovated, ano remodelacion"),
    _meaning("year", _N, "year", "año", "year, ano, anio, yr, jahr, annee, model year, ano modelo, year model, jahrgang"),
    _meaning("registration", Kind.DATE, "first registration", "primera matrícula", "first registration, registration date, "
             "erstzulassung, fecha matricula, primera matricula, matriculacion, premiere immatriculation"),
    _meaning("first seen", Kind.DATE, "first seen", "visto por primera vez", "created, created at, first seen, date created, fecha creacion"),
    _meaning("date", Kind.DATE, "date", "fecha", "date, fecha, datum, period, periodo, fecha publicacion, publication date, "
             "published, published at, listed, date listed, sold on, sale date, datetime"),
    # place
    _meaning("latitude", Kind.LATITUDE, "latitude", "latitud", "latitude, latitud, lat, breitengrad"),
    _meaning("longitude", Kind.LONGITUDE, "longitude", "longitud", "longitude, longitud, long, lng, lon, langengrad"),
    # the ad itself
    _meaning("description", Kind.TEXT, "description", "descripción", "description, descripcion, descr, desc, observaciones, "
             "comentarios, comments, beschreibung, ad text, texto, remarks, details"),
    _meaning("title", Kind.TEXT, "title", "título", "title, titulo, headline, encabezado, titel, titre"),
    _meaning("link", Kind.LINK, "link", "enlace", "link, url, href, http, https, enlace, permalink"),
    _meaning("vin", Kind.ID, "VIN", "número de chasis", "vin, vin number, chassis, chasis, numero chasis, placa, matricula"),
    _meaning("asset", Kind.ID, "asset", "inmueble", "asset id, asset, cadastral reference, referencia catastral, "
             "matricula inmobiliaria, property id, parcel id, parcel, pin"),
    _meaning("id", Kind.ID, "id", "código", "id, listing id, ad id, codigo, code, ref, reference, referencia, uuid, guid, sku, "
             "codigo inmueble, id anuncio, property code, anuncio id, item id, mls, mls id, stock number"),
    # about the crawl or known only after the ad: no attributes
    _meaning("bookkeeping", Kind.IGNORE, "bookkeeping", "datos de la recolección", "scraped, scraped date, scraped at, scrape, "
             "scrape date, scraped timestamp, scrape time, updated, updated at, last updated, actualizacion, "
             "fecha actualizacion, fecha actualizacion precio venta, last seen, active, is active, snapshot, crawl, crawled, "
             "crawl date, timestamp, unnamed, index, query, page, page channel, row, rank, days on market, dias publicado, "
             "views, visitas, visits, favorites, favoritos, removed, expired, "
             "sold, vendido, search, extracted, extraction date, inserted, modified, last modified, etl, batch"),
)  # fmt: skip
# Words that change nothing about what a column is.
_FILLERS = frozenset(
    "m2 sqm mts2 sqft ft2 km kms kw hp cc cad number num nro no of de del la el en in the total name clean gmaps "
    "geolocations geo eur usd cop gbp mxn € £ $ anuncio".split(" ")
)
CODE_WORDS = frozenset("zip zipcode postcode postal plz id type tipo tipoid clase class code codigo cp".split(" "))
YES_NO_WORDS = frozenset("is has con tiene es hat ist with".split(" "))


@lru_cache(maxsize=1)
def _by_phrase() -> dict[tuple[str, ...], Meaning]:
    return {tuple(phrase.split()): m for m in MEANINGS for phrase in m.phrases}


@lru_cache(maxsize=4096)
def meaning_of(name: str) -> Meaning | None:
    """What a column's name says it is: the longest known phrase in it (the first one of that length), or None.

    >>> meaning_of("CADCONSTRUCTIONYEAR").key, meaning_of("habitaciones").key, meaning_of("xyz")
    ('cadastre year', 'rooms', None)
    """
    words, known = words_of(name), _by_phrase()
    for length in range(min(len(words), 5), 0, -1):
        for start in range(len(words) - length + 1):
            found = known.get(words[start : start + length])
            if found:
                return found
    return None


def covers_whole_name(meaning: Meaning, name: str) -> bool:
    """Whether the name says no more than the meaning: ``area_m2`` does not, ``sqft_living15`` does."""
    words = words_of(name)
    known = {w for phrase in meaning.phrases if set(phrase.split()) <= set(words) for w in phrase.split()}
    return all(w in known or w in _FILLERS for w in words)
