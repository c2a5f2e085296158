/**
 * The marks of a paragraph citation, however they are divided: `(h)(1)`, `.h.1`, ` h 1`, `-h-1` and `h1` are all `h`
 * and `1`. A run of letters stays one mark, so that nobody has to guess where it ends. Undefined for anything else.
 */
export function paragraphMarks(citation: string): readonly string[] | undefined {
  const shape = citation.replace(mark, 'x')
  if (!/^(?:(?: ?[.-] ?| )?(?:\( ?x ?\)|x))*$/.test(shape)) return undefined
  return citation.match(mark) ?? []
}

const mark = /[a-z]+|\d+/gi
