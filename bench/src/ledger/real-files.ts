import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const dataUrl = new URL('../../../../shared/data/', import.meta.url)
const mappingsUrl = new URL('../../../examples/public-data/', import.meta.url)

interface RealFile {
  readonly file: string
  readonly path: string
  readonly mapping: { readonly file: string; readonly text: string }
}

/** The files of the US budget of fiscal year 2017 with their mappings; null on a machine that has not got them. */
export function fy2017(): readonly RealFile[] | null {
  if (!existsSync(new URL('README.md', dataUrl))) return null
  const manifest = JSON.parse(readFileSync(new URL('manifest.json', mappingsUrl), 'utf8')) as {
    readonly USA: { readonly imports: readonly { file: string; mapping: string }[] }
  }
  return manifest.USA.imports
    .filter(({ file }) => file.startsWith('production-us-fy2017/'))
    .map(({ file, mapping }) => ({
      file,
      path: fileURLToPath(new URL(file, dataUrl)),
      mapping: { file: mapping, text: readFileSync(new URL(mapping, mappingsUrl), 'utf8') },
    }))
}
