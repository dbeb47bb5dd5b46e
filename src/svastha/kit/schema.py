"""A database in words: every table, column, constraint, index, function and trigger, in a fixed order."""

from typing import Any

DESCRIBE = """
    SELECT line FROM (
        SELECT 1 AS part, c.relname AS owner, a.attnum::text AS place,
            format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                CASE WHEN a.attnotnull THEN ' not null' END,
                ' default ' || pg_get_expr(d.adbin, d.adrelid)) AS line
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0
            AND NOT a.attisdropped
        UNION ALL
        SELECT 2, r.relname, k.conname, format('%s: %s %s', r.relname, k.conname, pg_get_constraintdef(k.oid))
        FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid
        WHERE k.connamespace = 'public'::regnamespace AND k.contype <> 'n'
        UNION ALL
        SELECT 3, tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT 4, '', p.proname, pg_get_functiondef(p.oid) FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        UNION ALL
        SELECT 5, c.relname, t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal
        UNION ALL
        SELECT 6, '', extname, 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'
    ) lines ORDER BY part, owner, lpad(place, 80), line
"""


async def describe(connection: Any) -> str:
    return "\n".join(row["line"] for row in await connection.fetch(DESCRIBE)) + "\n"
