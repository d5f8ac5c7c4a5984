// The library face of Faultline: everything a program needs, under one name.
export { main } from "./main.ts";
export * from "@faultline/diagnostics";
