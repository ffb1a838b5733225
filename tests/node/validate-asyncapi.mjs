// validate-asyncapi.mjs FILE...: judges AsyncAPI documents by the parser of the AsyncAPI project, and the Avro schemas
// in them, which it does not judge, by avsc. Prints {FILE: {faults: [...], avro: [names of records]}} as JSON.
import { readFileSync } from 'node:fs';
import { AvroSchemaParser } from '@asyncapi/avro-schema-parser';
import { Parser } from '@asyncapi/parser';
import avsc from 'avsc';

const parser = new Parser({ schemaParsers: [AvroSchemaParser()] });
const newer_version_exists = 'asyncapi-latest-version';

function avroSchemas(node) {
  if (node === null || typeof node !== 'object') return [];
  if (String(node.schemaFormat).startsWith('application/vnd.apache.avro')) return [node.schema];
  return Object.values(node).flatMap(avroSchemas);
}

async function judge(file) {
  const text = readFileSync(file, 'utf8');
  const faults = (await parser.validate(text))
    .filter((each) => each.code !== newer_version_exists)
    .map((each) => `${each.code} at ${each.path.join('/')}: ${each.message}`);
  const avro = [];
  for (const schema of avroSchemas(JSON.parse(text))) {
    try {
      avro.push(avsc.Type.forSchema(schema).name);
    } catch (error) {
      faults.push(`avro: ${error.message}`);
    }
  }
  return { faults, avro };
}

const verdicts = {};
for (const file of process.argv.slice(2)) verdicts[file] = await judge(file);
console.log(JSON.stringify(verdicts));
