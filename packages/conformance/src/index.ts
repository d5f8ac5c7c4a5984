// Replays recordings of a real Linux kernel and reports the first difference.
export {};
