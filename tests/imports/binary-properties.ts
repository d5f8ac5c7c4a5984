// For tests: the properties that a short slice and a long campaign of broken binary files share.
import fc from "fast-check";
import {
  acpiSamples,
  type BinarySample,
  corruption,
  dtbSample,
  expectAnswer,
  gzipped,
  KIND_NAMES,
  tarSamples,
  withChecksum,
} from "./binary-fuzz.ts";

/** A broken file, and the property that it has an answer. */
function answered(files: fc.Arbitrary<BinarySample>): fc.IAsyncProperty<[BinarySample]> {
  return fc.asyncProperty(files, async (file) => void (await expectAnswer(file)));
}

/** Tables, half of them with the right checksum all the same. */
export function brokenTables(): fc.IAsyncProperty<[BinarySample]> {
  const samples = fc.constantFrom(...acpiSamples());
  return answered(
    fc.tuple(samples, corruption(), fc.boolean()).map(([sample, change, isSealed]) => {
      const bytes = change(sample.bytes);
      return { ...sample, bytes: isSealed ? withChecksum(bytes) : bytes };
    }),
  );
}

/** Blobs of device trees. */
export function brokenBlobs(): fc.IAsyncProperty<[BinarySample]> {
  const sample = dtbSample();
  return answered(corruption().map((change) => ({ ...sample, bytes: change(sample.bytes) })));
}

/** Archives, broken before they are packed, after it, or both. */
export async function brokenArchives(): Promise<fc.IAsyncProperty<[BinarySample]>> {
  const samples = fc.constantFrom(...(await tarSamples()));
  const inside = fc.option(corruption());
  const outside = fc.option(corruption(), { freq: 1 });
  return answered(
    fc.tuple(samples, inside, outside).map(([sample, before, after]) => {
      const bytes = before === null ? sample.bytes : before(sample.bytes);
      const packed = gzipped({ ...sample, bytes });
      return after === null ? packed : { ...packed, bytes: after(packed.bytes) };
    }),
  );
}

/** Any of them, whole or broken, read as any kind. */
export async function mistakenKinds(): Promise<fc.IAsyncProperty<[BinarySample]>> {
  const tars = await tarSamples();
  const all = [...acpiSamples(), dtbSample(), ...tars, ...tars.map(gzipped)];
  const change = fc.option(corruption());
  return answered(
    fc
      .tuple(fc.constantFrom(...all), fc.constantFrom(...KIND_NAMES), change)
      .map(([{ name, bytes }, kind, broken]) => {
        return { kind, name, bytes: broken === null ? bytes : broken(bytes) };
      }),
  );
}
