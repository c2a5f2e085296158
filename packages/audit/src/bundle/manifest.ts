import { fromUtf8, type Hash, Nation, toHex } from '@entente/schema'
import { z } from 'zod'
import { type AddFinding, reasonOf } from '../finding.ts'

/** The files of one bundle: path inside the bundle to bytes. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>

/** Names every other file of a bundle by its hash. It is not signed: it only tells a broken copy from a lie. */
export const Manifest = z.strictObject({
  format: z.literal('entente-bundle/1'),
  exercise: z.string().optional(),
  nation: Nation,
  origin: z.string(),
  withContent: z.boolean(),
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex')),
})
export type Manifest = z.infer<typeof Manifest>

/** Reads `manifest.json`. @returns why it cannot be read, when it cannot */
export function readManifest(files: BundleFiles): Manifest | string {
  const bytes = files.get('manifest.json')
  if (bytes === undefined) return 'manifest.json is missing'
  try {
    const parsed = Manifest.safeParse(JSON.parse(fromUtf8(bytes)))
    return parsed.success ? parsed.data : `manifest.json: ${z.prettifyError(parsed.error)}`
  } catch (error) {
    return `manifest.json: ${reasonOf(error)}`
  }
}

/** Step 1: the bundle holds exactly the files that the manifest names. */
export function checkManifest(
  manifest: Manifest,
  files: BundleFiles,
  hash: Hash,
  found: AddFinding,
): void {
  const named = new Map(Object.entries(manifest.files))
  for (const [path, wanted] of named) {
    const bytes = files.get(path)
    if (bytes === undefined) found('MANIFEST_MISSING_FILE', `${path} is missing`)
    else if (toHex(hash(bytes)) !== wanted)
      found('MANIFEST_MISMATCH', `${path} does not have the hash that the manifest names`)
  }
  for (const path of files.keys())
    if (path !== 'manifest.json' && !named.has(path))
      found('MANIFEST_EXTRA_FILE', `${path} is not named by the manifest`)
}
