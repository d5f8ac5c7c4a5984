// Mistakes in a command line: parseArgs() throws for what it does not know, which is the user's
// mistake and not ours.

/** What is wrong with the arguments. */
export interface ArgumentProblem {
  readonly kind: "problem";
  readonly problem: string;
}

/** The answer of a reader of arguments that finds something wrong. */
export function problem(text: string): ArgumentProblem {
  return { kind: "problem", problem: text };
}

/** What a reader of arguments says, or what parseArgs() has thrown in it. */
export function withoutException<T>(read: () => T): T | ArgumentProblem {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!code.startsWith("ERR_PARSE_ARGS_")) throw error;
    return problem((error as Error).message);
  }
}
