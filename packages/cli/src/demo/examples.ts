import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const root = new URL('../../../../examples/', import.meta.url)

/** Where an example file lies. */
export const examplePath = (file: string): string => fileURLToPath(new URL(file, root))

export const readExample = (file: string): unknown =>
  JSON.parse(readFileSync(examplePath(file), 'utf8')) as unknown

const Manifest = z.object({
  banner: z.string(),
  imports: z.record(z.string(), z.array(z.object({ file: z.string(), mapping: z.string() }))),
})
export const readManifest = () => Manifest.parse(readExample('manifest.json'))

const PublicData = z.record(
  z.string(),
  z.object({
    /** Files by their path in the folder of real files, each with its mapping in `public-data/`. */
    imports: z.array(z.object({ file: z.string(), mapping: z.string() })),
    /** Example tables that were derived from these files. */
    instead: z.array(z.string()),
  }),
)
export const readPublicData = () => PublicData.parse(readExample('public-data/manifest.json'))

const Level = z.enum(['exact', 'banded', 'withheld'])
/** The answers worked out by hand from the sources. */
export const Expected = z.object({
  sources: z.object({
    counted: z.int(),
    rows: z.array(
      z.object({
        name: z.string(),
        nation: z.string(),
        place: z.string(),
        status: z.string(),
        counted: z.boolean(),
        marks: z.array(z.string()),
      }),
    ),
  }),
  'second-sources': z.object({
    rows: z.array(
      z.object({
        item_code: z.string(),
        title: z.string(),
        supplier: z.string(),
        candidates: z.array(
          z.object({
            nation: z.string(),
            supplier: z.string(),
            place: z.string(),
            title: z.string(),
            state: z.string(),
          }),
        ),
      }),
    ),
  }),
  why: z.object({
    record: z.string(),
    fields: z.record(z.string(), z.object({ GBR: Level, NOR: Level })),
  }),
})
export type Expected = z.infer<typeof Expected>
export const readExpected = (): Expected => Expected.parse(readExample('expected.json'))
