// The reversible rule between the kernel's names and ours.

/** `hmm_range_fault` as we write a function: `hmmRangeFault`; leading underscores are dropped. */
export function functionName(kernelName: string): string {
  const words = kernelName.replace(/^_+/, "").split("_").filter(Boolean);
  return words.map((word, at) => (at === 0 ? word : capital(word))).join("");
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
