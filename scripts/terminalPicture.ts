// A terminal's screen as an SVG: the text of `tmux capture-pane -e`, with its colours, in a monospaced font.

const colors: Readonly<Record<number, string>> = {
  31: '#f47067',
  32: '#8ddb8c',
  33: '#f2cc60',
  36: '#76e3ea',
  90: '#8b949e',
};
const plain = '#e6edf3';
const cell = { width: 8.4, height: 19 };
const margin = 16;

/** `screen` holds lines with SGR sequences; every line is at most `columns` wide. `title` says what is seen, for those who do not see it. */
export function terminalPicture(screen: string, columns: number, title: string): string {
  const lines = screen.trimEnd().split('\n');
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = lines.length * cell.height + 2 * margin;
  const rows = lines.map((line, index) => row(line, margin + (index + 0.75) * cell.height));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">
${rows.join('\n')}
</g>
</svg>
`;
}

/** Every piece of one colour stands at its own column, so that a font of another width shifts nothing. */
function row(line: string, y: number): string {
  let style: Style = { color: plain, isBold: false };
  let column = 0;
  let text = '';
  for (const piece of line.split(/(\x1b\[[\d;]*m)/)) {
    const [, codes] = /^\x1b\[([\d;]*)m$/.exec(piece) ?? [];
    if (codes !== undefined) style = styleBehind(codes, style);
    else if (piece !== '') {
      const weight = style.isBold ? ' font-weight="bold"' : '';
      const length = (piece.length * cell.width).toFixed(1);
      text += `<tspan x="${(margin + column * cell.width).toFixed(1)}" textLength="${length}" fill="${style.color}"${weight}>${escaped(piece)}</tspan>`;
      column += piece.length;
    }
  }
  return `<text y="${y}">${text}</text>`;
}

interface Style {
  readonly color: string;
  readonly isBold: boolean;
}

function styleBehind(codes: string, before: Style): Style {
  let { color, isBold } = before;
  for (const code of codes.split(';').map(Number)) {
    if (code === 0 || code === 39) color = plain;
    if (code <= 1) isBold = code === 1;
    color = colors[code] ?? color;
  }
  return { color, isBold };
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? character);
}
