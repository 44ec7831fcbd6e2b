// The colours on a page's canvas.

// Of 255: bars are flat, but coded at 800 kbit/s.
const TOLERANCE = 6;

/** The entries of `bars` ({x, y, rgb}) that are displayed in another colour: {expected, shown}. */
export async function colourErrors(page, bars) {
  const shown = await page.evaluate((points) => {
    const {player} = document.querySelector('pistream-video');
    const copy = new OffscreenCanvas(player.size.width, player.size.height).getContext('2d');
    copy.drawImage(player.canvas, 0, 0);
    return points.map(({x, y}) => [...copy.getImageData(x, y, 1, 1).data.slice(0, 3)]);
  }, bars);
  const differs = (rgb, other) => rgb.some((value, channel) => Math.abs(other[channel] - value) > TOLERANCE);
  return bars.map(({rgb}, index) => ({expected: rgb, shown: shown[index]}))
      .filter((bar) => differs(bar.expected, bar.shown));
}
