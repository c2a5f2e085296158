import { join } from 'node:path'
import { z } from 'zod'

/** What a witness that belongs to no node is told about itself: `witness.json` in its folder. Holds no secret. */
export const WitnessConfig = z.strictObject({
  name: z.string().regex(/^[^\s,+]{4,100}$/, 'not a witness name of at least four characters'),
  key: z.string().describe('vkey'),
})

/** Where things lie in the folder of a witness. */
export const witnessPaths = (folder: string) => ({
  config: join(folder, 'witness.json'),
  key: join(folder, 'witness.pem'),
  database: join(folder, 'witness.db'),
  /** Cosignatures counted, outside the database and its backups. */
  count: join(folder, 'witness-count'),
})
