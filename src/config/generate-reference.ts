// Entry of `npm run reference`: writes schema.json and docs/config-reference.md into the working directory, which
// has to be the root of the repository. A test fails when they are not up to date.
import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generated-files.js';

for (const [path, contents] of Object.entries(generatedFiles())) writeFileSync(path, contents);
