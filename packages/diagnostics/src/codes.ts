// The registry of diagnostic codes: every code Faultline can report, each with one paragraph.
// docs/diagnostics.md is written from this table (`npm run docs`) and tested against it.

/** A code of the registry. */
export type DiagnosticCode =
  | "E_FILE_NOT_FOUND"
  | "E_FILE_UNREADABLE"
  | "E_FILE_UNWRITABLE"
  | "E_FILE_NOT_TEXT"
  | "E_FILE_CYCLE"
  | "E_OPTION_INVALID"
  | "E_YAML_SYNTAX"
  | "E_XML_SYNTAX"
  | "E_VALUE_TYPE"
  | "E_VALUE_RANGE"
  | "E_VALUE_UNKNOWN"
  | "E_KEY_UNKNOWN"
  | "E_KEY_MISSING"
  | "E_NAME_UNKNOWN"
  | "E_NAME_DUPLICATE"
  | "E_MACHINE_CYCLE"
  | "E_MACHINE_PLACE"
  | "E_MACHINE_ADDRESS"
  | "E_MACHINE_BAR"
  | "E_MACHINE_NUMA"
  | "E_MACHINE_LINK"
  | "E_MACHINE_DEVICE"
  | "E_DOMAIN_XML"
  | "E_PROFILE_FIELD"
  | "E_PROFILE_BALANCE"
  | "E_TARGET_ROLE"
  | "E_TARGET_MEASURE"
  | "E_IMPORT_FORMAT"
  | "E_IMPORT_VALUE"
  | "E_IMPORT_COUNT"
  | "E_IMPORT_TWICE"
  | "E_IMPORT_REFERENCE"
  | "E_IMPORT_CONTRADICTION"
  | "E_IMPORT_FILES"
  | "E_TRACE_LINE"
  | "E_DEVICETREE_SYNTAX"
  | "E_DEVICETREE_REFERENCE"
  | "E_DEVICETREE_BLOB"
  | "E_NPU_WIRING"
  | "E_ACPI_TABLE"
  | "E_ACPI_CHECKSUM"
  | "E_QEMU_OPTION"
  | "E_QEMU_REFUSES"
  | "E_QEMU_UNKNOWN"
  | "E_CONFORMANCE_FILE"
  | "E_CONFORMANCE_SYNTAX"
  | "E_CONFORMANCE_CASE"
  | "E_CONFORMANCE_RECORD"
  | "E_CONFORMANCE_JOIN";

/** What each code means and what to do, in Markdown. */
export const DIAGNOSTIC_CODES: Readonly<Record<DiagnosticCode, string>> = {
  E_FILE_NOT_FOUND:
    "A file named on the command line does not exist, or a directory on the way to it does not. " +
    "Paths are relative to the directory the command runs in.",
  E_FILE_UNREADABLE:
    "A file exists but cannot be read: it is a directory, the permission is missing, or the " +
    "medium failed. The message carries the operating system's reason.",
  E_FILE_UNWRITABLE:
    "A file that should be written cannot be: its directory does not exist, the permission is " +
    "missing, or the medium is full. The message carries the operating system's reason.",
  E_FILE_NOT_TEXT:
    "A file that should be text is not valid UTF-8, or is a compressed file that does not unpack.",
  E_FILE_CYCLE:
    "A scenario extends or includes itself, directly or by way of other files. The related " +
    "places are the references that lead there.",
  E_OPTION_INVALID:
    "The command line is not understood: an unknown command or option, a missing argument, or a " +
    "value outside what the option takes. `--help` after any command lists what it accepts.",
  E_YAML_SYNTAX:
    "The text is not YAML: wrong indentation, an unclosed quote or bracket, a tab where YAML " +
    "forbids one, or a key written twice in one mapping.",
  E_XML_SYNTAX:
    "The text is not XML: a tag that is not closed or closes another, an attribute without " +
    "quotes, an entity that is not known, or nothing but text.",
  E_VALUE_TYPE:
    "A value has the wrong type, such as text where a number is needed or a list where a mapping " +
    "is needed. The message names the type that is expected.",
  E_VALUE_RANGE:
    "A number, size or address is outside what its field allows, or a range is empty or ends " +
    "before it starts.",
  E_VALUE_UNKNOWN:
    "A field takes one of a fixed set of words and the value is none of them. The hint lists the " +
    "words and, when one is close, which was probably meant.",
  E_KEY_UNKNOWN: "A mapping has a key that this place does not know. The hint lists those it does.",
  E_KEY_MISSING: "A mapping lacks a key that this place requires.",
  E_NAME_UNKNOWN:
    "A name refers to something that is not declared: a device, a process, a node or a region. " +
    "The hint lists what is declared.",
  E_NAME_DUPLICATE:
    "Two declarations have the same name, so that a reference could not tell them apart. The " +
    "earlier declaration is shown as a related place.",
  E_MACHINE_CYCLE:
    "Functions of a machine are above each other in a circle, so that none of them is below a " +
    "host bridge.",
  E_MACHINE_PLACE:
    "A PCI function stands where its kind cannot: below a function that is no bridge, a root " +
    "port away from a root bus, or a switch's downstream port below anything but its upstream " +
    "port.",
  E_MACHINE_ADDRESS:
    "Two PCI functions have one address or two host bridges one root bus, or the address of a " +
    "function on a root bus names another bus.",
  E_MACHINE_BAR:
    "The memory of a BAR cannot be where the machine says: its size is no power of two, it is " +
    "not aligned to its size, it overlaps another BAR or system memory, or a function has it " +
    "twice.",
  E_MACHINE_NUMA:
    "NUMA nodes do not fit together: the matrix of distances has another size than there are " +
    "nodes, is not symmetric, a node is not 10 from itself or not more than 10 from another, or " +
    "the nodes have another amount of memory than the machine.",
  E_MACHINE_LINK:
    "A private link leads from an end to itself or is there twice, or (a warning) it joins two " +
    "hives, or a switch has fewer than two links to forward between.",
  E_MACHINE_DEVICE:
    "A device cannot be made of what it names: an initiator is a bridge or belongs to another " +
    "device, the window on its memory is no BAR of its own or larger than the memory, its page " +
    "sizes are no ascending powers of two, or (a warning) nothing links it to its hive.",
  E_DOMAIN_XML:
    "A libvirt domain does not say what the locked-memory limit needs: it is no domain, has no " +
    "architecture or memory, a size or PCI address cannot be read, or its parts have another sum.",
  E_PROFILE_FIELD:
    "A number of a profile or target does not say where it comes from, or says it twice: it has " +
    "neither `figure` nor `kind`, lacks what its kind needs, or has keys that do not go " +
    "together. docs/profiles.md has an example of each kind.",
  E_PROFILE_BALANCE:
    "A number that is what is left of a total cannot be: nothing is left, the operation does not " +
    "contain it, two such numbers need each other, or it is no time that anything pays.",
  E_TARGET_ROLE:
    "A target is called a prediction although its figure, or one that it was computed from, " +
    "was used to fit a profile that it is for; `fitted_with` does not say what it shares with " +
    "its profiles; or its role asks for a tolerance that it does not give.",
  E_TARGET_MEASURE:
    "A target has a scenario without saying what of its run is measured, or the other way round; " +
    "or what is measured does not come in the unit of the published number, or is of a step that " +
    "the scenario does not have.",
  E_IMPORT_FORMAT:
    "The file is not what the tool prints: nothing in it is what the importer looks for. The " +
    "hint names the command that writes such a file.",
  E_IMPORT_VALUE:
    "A value in a file of another tool is not of its kind: a word where a number belongs, a " +
    "distance above 255, an address that is none, a cell of the wrong column.",
  E_IMPORT_COUNT:
    "A file of another tool has more or fewer of something than it announces or needs: a row " +
    "with too few cells, a matrix that does not fit its objects, links that are missing.",
  E_IMPORT_TWICE:
    "Something that is there once is twice in a file of another tool: two devices at one " +
    "address, two rows of one GPU.",
  E_IMPORT_REFERENCE:
    "A file of another tool refers to something that is not in it: a link to an unknown device, " +
    "a matrix over an unknown object, a node that there is not.",
  E_IMPORT_CONTRADICTION:
    "Two places of a file of another tool do not agree: both ends of a pair do not say the " +
    "same, or a link has no way back, which is a warning.",
  E_IMPORT_FILES:
    "A folder or an archive cannot be used as it is: a broken or unknown archive, several files " +
    "where one is read, or none of the files that the importer looks for.",
  E_TRACE_LINE:
    "A line of a trace or a summary is not what the tool prints: another tool's grammar, a value " +
    "that is missing or out of range, a counter that is there twice, a time before the line " +
    "above; or the first line names an unknown column.",
  E_DEVICETREE_SYNTAX:
    "The text is not device tree source: something other than a node, a property or a value " +
    "stands there, a name is written twice, or a file or overlay is asked for that is not read.",
  E_DEVICETREE_REFERENCE:
    "A reference of a device tree leads nowhere, or a phandle is used twice or is no phandle.",
  E_DEVICETREE_BLOB:
    "A device tree blob is broken: its parts are not inside it, or a node, name or value has no " +
    "end. The message names the byte at which reading stopped.",
  E_NPU_WIRING:
    "A device tree contradicts itself about the NVLink2 wiring of a POWER9 machine. The wiring " +
    "is fixed in hardware and firmware writes the same fact in several places: a GPU's list of " +
    "bridges, each bridge's GPU, slot labels, link numbers, target addresses and memory windows.",
  E_ACPI_TABLE:
    "Bytes that should be an ACPI table are not one, or a structure in it has a length that does " +
    "not fit its type. The place is the offset of the first wrong byte in the file.",
  E_ACPI_CHECKSUM:
    "The bytes of an ACPI table do not add up to 0 modulo 256. The hint says what the checksum " +
    "byte should be; an operating system ignores a table whose checksum is wrong.",
  E_QEMU_OPTION:
    "An option of a QEMU command line is not well formed: a parameter is missing, unknown or of " +
    "the wrong type. QEMU would stop at the first such option; all are reported.",
  E_QEMU_REFUSES:
    "QEMU would not start this machine: its options are well formed and do not fit together. The " +
    "message names the object; options that QEMU would not come to are not looked at.",
  E_QEMU_UNKNOWN:
    "A part of a QEMU command line that is not modelled, such as another machine type. What is " +
    "printed assumes that it changes nothing.",
  E_CONFORMANCE_FILE: "A file of cases or records is missing, unreadable, or does not unpack.",
  E_CONFORMANCE_SYNTAX: "A line of a case or record file is not JSON.",
  E_CONFORMANCE_CASE:
    "A case is not well formed: an unknown operation, a wrong argument, or a case " +
    "without an id.",
  E_CONFORMANCE_RECORD:
    "A record is not well formed: a field has the wrong type or does not decode.",
  E_CONFORMANCE_JOIN:
    "A record does not belong to the case with its id: the case is missing, or has " +
    "another number of operations.",
};

/** Every code, in the order of the registry. */
export const diagnosticCodes: readonly DiagnosticCode[] = Object.keys(
  DIAGNOSTIC_CODES,
) as DiagnosticCode[];

/** The text of docs/diagnostics.md. */
export function diagnosticsPage(): string {
  const intro = [
    "# Diagnostics",
    "",
    "Every problem in a file or on the command line is reported with one of these codes, its",
    "place, an excerpt and, where there is one, a hint. All problems are reported at once; the",
    "exit code is 2 when any of them is an error. With `--json` they are in `diagnostics`.",
    "",
    "This page is written from `packages/diagnostics/src/codes.ts` by `npm run docs`.",
    "",
  ];
  const sections = diagnosticCodes.flatMap((code) => [
    `## ${code}`,
    "",
    DIAGNOSTIC_CODES[code],
    "",
  ]);
  return [...intro, ...sections].join("\n");
}
