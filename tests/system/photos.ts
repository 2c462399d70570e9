import sharp from 'sharp';

/** A picture of its own for each number: green rosettes on brown grain. JPEG. */
export async function drawPhoto(number: number): Promise<Buffer> {
  const width = 1200;
  const height = 900;
  // A small linear congruence: the same pictures in every run, none twice.
  let state = (number + 1) * 2_654_435_761;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  const plants = Array.from({ length: 6 + (number % 5) }, (_, index) => {
    const x = 160 + (index % 4) * 290 + random() * 40;
    const y = 160 + Math.floor(index / 4) * 290 + random() * 40;
    const leaves = Array.from({ length: 9 }, (_, leaf) => {
      const light = 28 + random() * 18;
      return `<ellipse cx="52" rx="52" ry="20" fill="hsl(100,45%,${light.toFixed(0)}%)" transform="rotate(${leaf * 137.5})"/>`;
    });
    return `<g transform="translate(${x.toFixed(0)} ${y.toFixed(0)})">${leaves.join('')}</g>`;
  });
  const drawn = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${plants.join('')}</svg>`;
  const grain = Uint8Array.from({ length: (width / 4) * (height / 4) * 3 }, (_, i) => {
    const base = [96, 76, 58][i % 3]!;
    return base + random() * 46 - 23;
  });
  return await sharp(grain, { raw: { width: width / 4, height: height / 4, channels: 3 } })
    .resize(width, height)
    .composite([{ input: Buffer.from(drawn) }])
    .jpeg({ quality: 85 })
    .toBuffer();
}
