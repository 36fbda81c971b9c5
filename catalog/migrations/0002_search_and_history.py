"""What the tables need beyond columns: text search per language, and history that cannot be rewritten."""

from django.db import migrations

# Language → stemmer of PostgreSQL; every other language is searched by its plain words.
STEMMERS = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
WORDS = "asciiword, asciihword, hword_asciipart, word, hword, hword_part"


def configurations() -> str:
    """Return the SQL of one configuration per stemmer: accents are dropped first, then the word is stemmed."""
    made = [
        f"""
        CREATE TEXT SEARCH CONFIGURATION rf_{name} (COPY = pg_catalog.{name});
        ALTER TEXT SEARCH CONFIGURATION rf_{name} ALTER MAPPING FOR {WORDS} WITH {_dictionaries(name)};
        """
        for name in sorted({*STEMMERS.values(), "simple"})
    ]
    return "".join(made)


def _dictionaries(name: str) -> str:
    return "unaccent, simple" if name == "simple" else f"unaccent, {name}_stem"


def drop_configurations() -> str:
    names = sorted({*STEMMERS.values(), "simple"})
    return "".join(f"DROP TEXT SEARCH CONFIGURATION IF EXISTS rf_{name};" for name in names)


def config_function() -> str:
    cases = " ".join(f"WHEN '{code}' THEN 'rf_{name}'::regconfig" for code, name in STEMMERS.items())
    return f"""
    CREATE FUNCTION catalog_config(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE split_part(language, '-', 1) {cases} ELSE 'rf_simple'::regconfig END
    $$;
    """


# Chinese, Japanese and Korean are written without spaces, or with endings on the words: every two
# neighbouring characters are a word of the index.
BIGRAMS = """
CREATE FUNCTION catalog_bigrams(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(
        CASE WHEN length(run[1]) = 1 THEN run[1]
        ELSE (SELECT string_agg(substr(run[1], i, 2), ' ' ORDER BY i) FROM generate_series(1, length(run[1]) - 1) i)
        END, ' '), '')
    FROM regexp_matches(words, '[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+', 'g') run
$$;
CREATE FUNCTION catalog_vector(language text, words text, weight "char") RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector(catalog_config(language), words), weight)
        || setweight(to_tsvector('rf_simple', catalog_bigrams(words)), weight)
$$;
CREATE AGGREGATE catalog_vectors(tsvector) (SFUNC = tsvector_concat, STYPE = tsvector, INITCOND = '');
"""

# The vector of a listing is read only for the few rows that are ranked; kept beside the row, it leaves
# the table small enough to be counted whole.
NARROW = """
ALTER TABLE catalog_listingindex SET (toast_tuple_target = 128);
ALTER TABLE catalog_listingindex ALTER COLUMN vector SET STORAGE EXTERNAL;
"""
WIDE = """
ALTER TABLE catalog_listingindex RESET (toast_tuple_target);
ALTER TABLE catalog_listingindex ALTER COLUMN vector SET STORAGE EXTENDED;
"""

APPEND_ONLY = """
CREATE FUNCTION catalog_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: no row of it is ever changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON catalog_pricerecord
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_rewriting();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON catalog_stockmovement
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_rewriting();
"""
REWRITABLE = """
DROP TRIGGER append_only ON catalog_pricerecord;
DROP TRIGGER append_only ON catalog_stockmovement;
DROP FUNCTION catalog_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.RunSQL(configurations(), drop_configurations()),
        migrations.RunSQL(config_function(), "DROP FUNCTION catalog_config(text);"),
        migrations.RunSQL(
            BIGRAMS,
            'DROP AGGREGATE catalog_vectors(tsvector); DROP FUNCTION catalog_vector(text, text, "char"); DROP FUNCTION catalog_bigrams(text);'
        ),
        migrations.RunSQL(NARROW, WIDE),
        migrations.RunSQL(APPEND_ONLY, REWRITABLE),
    ]
