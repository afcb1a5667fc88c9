/** One line of the picture: milliseconds by the number of connections. */
export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly { readonly connections: number; readonly milliseconds: number }[];
}

const width = 720;
const height = 400;
const margin = { left: 60, right: 170, top: 40, bottom: 50 };

/** Draws latency against concurrency as SVG, both axes logarithmic. */
export function picture(title: string, lines: readonly Line[]): string {
  const points = lines.flatMap((line) => line.points);
  const x = scale(
    points.map(({ connections }) => connections),
    margin.left,
    width - margin.right,
  );
  const y = scale(
    points.map(({ milliseconds }) => milliseconds),
    height - margin.bottom,
    margin.top,
  );
  const connections = [...new Set(points.map((point) => point.connections))];
  const marks = [0.5, 1, 2, 5, 10, 20, 50, 100, 200].filter((value) => y.covers(value));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" role="img" aria-label="${title}">
<rect width="${width}" height="${height}" fill="white"/>
<text x="${margin.left}" y="22" font-size="15">${title}</text>
${marks.map((value) => `<path d="M${margin.left} ${y.at(value)}H${width - margin.right}" stroke="#ddd"/><text x="${margin.left - 8}" y="${y.at(value) + 4}" text-anchor="end">${value}</text>`).join('\n')}
${connections.map((value) => `<text x="${x.at(value)}" y="${height - margin.bottom + 20}" text-anchor="middle">${value}</text>`).join('\n')}
<text x="${(margin.left + width - margin.right) / 2}" y="${height - 8}" text-anchor="middle">requests at once</text>
<text x="16" y="${height / 2}" text-anchor="middle" transform="rotate(-90 16 ${height / 2})">milliseconds</text>
${lines.map((line, index) => drawLine(line, index)).join('\n')}
</svg>
`;

  function drawLine({ name, colour, points }: Line, index: number): string {
    const path = points.map((point) => `${x.at(point.connections)},${y.at(point.milliseconds)}`).join(' ');
    const at = margin.top + 16 + index * 22;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/><path d="M${width - margin.right + 16} ${at - 4}h20" stroke="${colour}" stroke-width="2"/><text x="${width - margin.right + 42}" y="${at}">${name}</text>`;
  }
}

function scale(values: readonly number[], from: number, to: number) {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  const at = (value: number) => Math.round(from + ((Math.log(value) - low) / (high - low)) * (to - from));
  return { at, covers: (value: number) => Math.log(value) >= low && Math.log(value) <= high };
}
