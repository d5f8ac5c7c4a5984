/** docs/glossary.md, from the tags in the sources. */
export function glossaryPage(): string;
