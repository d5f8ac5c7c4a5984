// YAML scenarios with source positions: validate, run, check expectations.
export {};
