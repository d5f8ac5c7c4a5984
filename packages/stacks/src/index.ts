// Device drivers as policies over the engine.
export {};
