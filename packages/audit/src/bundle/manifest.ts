import { fromUtf8, type Hash, Nation, toHex } from '@entente/schema'
import { z } from 'zod'
import { type AddFinding, reasonOf } from '../finding.ts'

/** The files of one bundle, by path inside the bundle. A map of bytes is one; a large bundle is better read where it lies. */
export interface BundleFiles extends Pick<ReadonlyMap<string, Uint8Array>, 'get' | 'has' | 'size'> {
  readonly keys: () => Iterable<string>
  /** The bytes of a file in pieces, each good until the next is taken. */
  readonly pieces?: (path: string) => Iterable<Uint8Array> | undefined
  /** SHA-256 of a file, for files that are better not read whole. */
  readonly digest?: (path: string) => Uint8Array | undefined
}

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
    const digest = digestOf(path, files, hash)
    if (digest === undefined) found('MANIFEST_MISSING_FILE', `${path} is missing`)
    else if (toHex(digest) !== wanted)
      found('MANIFEST_MISMATCH', `${path} does not have the hash that the manifest names`)
  }
  for (const path of files.keys())
    if (path !== 'manifest.json' && !named.has(path))
      found('MANIFEST_EXTRA_FILE', `${path} is not named by the manifest`)
}

function digestOf(path: string, files: BundleFiles, hash: Hash): Uint8Array | undefined {
  if (files.digest !== undefined) return files.digest(path)
  const bytes = files.get(path)
  return bytes && hash(bytes)
}
