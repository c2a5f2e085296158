import { readSync } from 'node:fs'
import { openLog } from './open-log.ts'

/** Appends leaves one by one to a log that others may be writing, and says at which indices. Twice it waits to be told to go on: at first, and after one. */
const [path = '', count = '0'] = process.argv.slice(2)
const { db, log } = openLog(path)
// All begin together, however long each took to start: when they are told to.
process.stdout.write('ready\n')
readSync(0, new Uint8Array(1))
const indices: number[] = []
const asleep = new Int32Array(new SharedArrayBuffer(4))
for (let i = 0; i < Number(count); i++) {
  // Who waits for the lock comes to it only when nobody takes it again at once.
  Atomics.wait(asleep, 0, 0, 3 * Math.random())
  const leaf = {
    kind: 'pad',
    jws: `${process.pid} ${i}`,
    salt: new Uint8Array(32),
    atMs: 1,
  } as const
  indices.push(db.transact(() => log.append([{ ...leaf, feed: null, seq: null }])))
  if (i > 0) continue
  process.stdout.write('begun\n')
  readSync(0, new Uint8Array(1))
}
process.stdout.write(JSON.stringify(indices))
