// Writes the pages of docs/ that are derived from the code; run it after `npm run build`.
import { writeFileSync } from "node:fs";
import { diagnosticsPage } from "@faultline/diagnostics";

writeFileSync(new URL("../docs/diagnostics.md", import.meta.url), diagnosticsPage());
