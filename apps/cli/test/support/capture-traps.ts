import pg from 'pg'

/**
 * Operators, functions and types that a role with the right to create in one schema could plant there, to be called in
 * place of the server's own. Each fails when it is called, with a message that begins with `captured: `, and has
 * counted that in a sequence, which a rollback leaves alone.
 */
export interface CaptureTraps {
  readonly schema: string
  /** What was called since they were planted. */
  sprung(): Promise<readonly string[]>
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const operators = words(`
  = <> < > <= >= + - * / % || << >> |
`)

/** Types of the values in the catalog and in the tables, and those that any value fits. */
const types = words(`
  int2 int4 int8 float4 float8 numeric bool text varchar bpchar name "char" oid regclass
  xid timestamptz interval json text[] name[] int8[] anyelement
  information_schema.sql_identifier
`)

/** Of the functions with two arguments: the pairs of all would be too many. */
const argumentTypes = words(`
  int4 int8 text name oid "char" regclass anyelement
`)

/** Functions with no arguments, or with the same as the server's own, wait for a search path that puts them first. */
const functions = words(`
  chr clock_timestamp coalesce concat_ws count current_database current_schema
  current_schemas current_setting date_part format format_type has_database_privilege
  has_schema_privilege has_table_privilege json_agg json_build_object json_object_agg now
  pg_advisory_lock pg_advisory_unlock pg_backend_pid pg_get_userbyid pg_has_role
  pg_is_in_recovery pg_logical_emit_message pg_stat_get_activity pg_terminate_backend
  pg_try_advisory_lock pg_try_advisory_xact_lock quote_ident row_security_active set_config
  string_agg timezone to_char to_json to_regclass txid_current
`)

/** `h.actor` means `actor(h)` where the row has no such column. */
const columns = words(`
  version dirty id kind at actor details error_code
`)

const typeNames = words(`
  text name oid regclass bool int4 int8 float8
`)

/** One block that plants everything: a few thousand objects, one by one, would be as many round trips. */
const plant = (schema: string): string => {
  const list = (values: readonly string[]): string =>
    `ARRAY[${values.map((value) => `'${value}'`).join(', ')}]::pg_catalog.text[]`
  return `
DO $plant$
DECLARE
  word text; a text; b text; number int := 0;
BEGIN
  FOREACH word IN ARRAY ${list(operators)} LOOP
    number := number + 1;
    EXECUTE format('CREATE SEQUENCE ${schema}.operator_%s', number);
    EXECUTE format('GRANT ALL ON ${schema}.operator_%s TO PUBLIC', number);
    FOREACH a IN ARRAY ${list(types)} LOOP
      FOREACH b IN ARRAY ${list(types)} LOOP
        -- Of the two only one may stand for any type.
        CONTINUE WHEN a = 'anyelement' AND b = 'anyelement' AND word <> '=';
        EXECUTE format($f$CREATE FUNCTION ${schema}.operator_%s(a %s, b %s) RETURNS %s LANGUAGE plpgsql AS
          $b$BEGIN PERFORM pg_catalog.nextval('${schema}.operator_%s'); RAISE EXCEPTION USING MESSAGE = %L; END$b$$f$,
          number, a, b, CASE WHEN word ~ '[=<>]' THEN 'bool' WHEN word = '||' THEN 'text' ELSE 'int8' END, number, 'captured: ' || a || ' ' || word || ' ' || b);
        EXECUTE format('CREATE OPERATOR ${schema}.%s (FUNCTION = ${schema}.operator_%s, LEFTARG = %s, RIGHTARG = %s)', word, number, a, b);
      END LOOP;
    END LOOP;
  END LOOP;
END $plant$;
DO $plant$
DECLARE
  word text; a text; b text;
BEGIN
  FOREACH word IN ARRAY ${list([...functions, ...columns])} LOOP
    EXECUTE format('CREATE SEQUENCE ${schema}.%I', 'function_' || word);
    EXECUTE format('GRANT ALL ON ${schema}.%I TO PUBLIC', 'function_' || word);
    FOREACH a IN ARRAY ARRAY['', 'record'] || ${list(types)} LOOP
      EXECUTE format($f$CREATE FUNCTION ${schema}.%I(%s) RETURNS int8 LANGUAGE plpgsql AS
        $b$BEGIN PERFORM pg_catalog.nextval('${schema}.%I'); RAISE EXCEPTION USING MESSAGE = %L; END$b$$f$,
        word, a, 'function_' || word, 'captured: ' || word || '(' || a || ')');
      CONTINUE WHEN NOT (a = ANY (${list(argumentTypes)}));
      FOREACH b IN ARRAY ${list(argumentTypes)} LOOP
        EXECUTE format($f$CREATE FUNCTION ${schema}.%I(a %s, b %s) RETURNS int8 LANGUAGE plpgsql AS
          $b$BEGIN PERFORM pg_catalog.nextval('${schema}.%I'); RAISE EXCEPTION USING MESSAGE = %L; END$b$$f$,
          word, a, b, 'function_' || word, 'captured: ' || word || '(' || a || ', ' || b || ')');
      END LOOP;
    END LOOP;
  END LOOP;
END $plant$;
CREATE SEQUENCE ${schema}.type_used;
GRANT ALL ON ${schema}.type_used TO PUBLIC;
CREATE FUNCTION ${schema}.type_check(pg_catalog.text) RETURNS pg_catalog.bool LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_catalog.nextval(''${schema}.type_used''); RAISE EXCEPTION ''captured: a type''; END';
${typeNames.map((name) => `CREATE DOMAIN ${schema}.${name} AS pg_catalog.${name} CHECK (${schema}.type_check(VALUE::pg_catalog.text));`).join('\n')}`
}

/** Plants the traps in a schema, as the role of the URL. */
export const plantCaptureTraps = async (url: string, schema: string): Promise<CaptureTraps> => {
  await onConnection(url, (client) => client.query(plant(schema)))
  return {
    schema,
    sprung: () =>
      onConnection(url, async (client) => {
        const { rows } = await client.query<{ readonly what: string }>(
          `SELECT sequencename AS what FROM pg_sequences WHERE schemaname = '${schema}' AND last_value IS NOT NULL
           ORDER BY what`,
        )
        return rows.map(({ what }) => what)
      }),
  }
}

const onConnection = async <T>(
  connectionString: string,
  action: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await action(client)
  } finally {
    await client.end()
  }
}
