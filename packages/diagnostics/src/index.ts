// Source positions, diagnostics, and how they are shown.
export {};
