import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../electron/services/config/json-schema.ts';

/** Publishes the JSON Schema of scram.yaml. Run after a change of shared/model/config; a test tells when it is due. */
const target = new URL('../docs/scram.schema.json', import.meta.url);
writeFileSync(target, configJsonSchema());
console.log(`written: ${target.pathname}`);
