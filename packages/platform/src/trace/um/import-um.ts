// Whatever there is about unified memory: which tool wrote it shows in its first lines.
import { SourceText } from "@faultline/diagnostics";
import type { TraceImport } from "../trace-import.ts";
import { importNsys, looksLikeNsys } from "./import-nsys.ts";
import { importNsysFaults, looksLikeNsysFaults } from "./import-nsys-faults.ts";
import { importNvprof } from "./import-nvprof.ts";
import { importUmStudy, looksLikeUmStudy } from "./import-um-study.ts";

/** Reads a summary of nvprof or nsys, fault groups of an nsys report, or the table of a study. */
export function importUm(text: string, file: string): TraceImport {
  const source = new SourceText(file, text);
  if (looksLikeUmStudy(source)) return importUmStudy(text, file);
  if (looksLikeNsysFaults(source)) return importNsysFaults(text, file);
  return looksLikeNsys(source) ? importNsys(text, file) : importNvprof(text, file);
}
