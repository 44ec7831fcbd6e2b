// Selects the target by the environment variable PISTREAM_TARGET.

const TARGETS = ['local', 'emulated', 'virtual-pi', 'virtual-pi-libcamera', 'virtual-pi-vimc', 'remote'];

export async function createTarget(name = process.env.PISTREAM_TARGET ?? 'local') {
  if (!TARGETS.includes(name)) {
    throw new Error(`PISTREAM_TARGET=${name}: there are ${TARGETS.join(', ')}`);
  }
  const {createTarget: create} = await import(`./${name}.mjs`);
  return create();
}
