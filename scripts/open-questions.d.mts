/** The text of docs/open-questions.md. */
export function openQuestionsPage(): string;
