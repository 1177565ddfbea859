/* The QR reader, in a worker of its own so that a picture being read never delays the screen. */

import { prepareZXingModule, readBarcodes } from "/static/vendor/zxing-wasm-3.1.4/es/reader/index.js";

const OPTIONS = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 4, textMode: "Plain" };

// Without this the library would fetch its wasm from somebody else's server.
const locateFile = (name) => `/static/vendor/zxing-wasm-3.1.4/${name}`;

let canvas = null;

prepareZXingModule({ overrides: { locateFile }, fireImmediately: true }).then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error) }),
);

onmessage = async ({ data: picture }) => {
  try {
    const results = await readBarcodes(pixelsOf(picture), OPTIONS);
    postMessage({ texts: results.filter((result) => result.isValid).map((result) => result.text) });
  } catch (error) {
    postMessage({ texts: [], failed: String(error) });
  }
};

function pixelsOf(picture) {
  const { width, height } = picture;
  if (canvas?.width !== width || canvas?.height !== height) canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  picture.close();
  return context.getImageData(0, 0, width, height);
}
