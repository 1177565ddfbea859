/* The camera: pictures in, texts of QR codes out; comes back by itself when it was unplugged. */

const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const BETWEEN_PICTURES_MS = 110;
const FROZEN_MS = 5000;
const READER_DEADLINE_MS = 5000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 10_000;

export class Camera {
  #video;
  #onText;
  #onState;
  #worker = null;
  #isReady = false;
  #deviceId;
  #stream = null;

  /** States: starting, running, lost, denied, missing, insecure, broken (the QR reader did not start). */
  constructor(video, { onText, onState, deviceId }) {
    this.#video = video;
    this.#onText = onText;
    this.#onState = onState;
    this.#deviceId = deviceId;
  }

  /** Watch for ever: a camera that is lost or missing is asked for again, each time after a longer wait. */
  async watch() {
    if (!navigator.mediaDevices?.getUserMedia) return this.#onState("insecure");
    this.#startWorker();
    let wait = FIRST_RETRY_MS;
    for (;;) {
      this.#onState("starting");
      try {
        await this.#open();
        this.#onState("running");
        wait = FIRST_RETRY_MS;
        await this.#readUntilLost();
        this.#onState("lost");
      } catch (error) {
        this.#onState(stateOf(error));
      }
      this.#close();
      await deviceChangeOr(wait);
      wait = Math.min(LAST_RETRY_MS, wait * 2);
    }
  }

  /** Take the next camera; resolves to its device id, or undefined when there is only one. */
  async switch() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter((device) => device.kind === "videoinput");
    if (cameras.length < 2) return undefined;
    const current = this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
    const index = cameras.findIndex((camera) => camera.deviceId === current);
    this.#deviceId = cameras[(index + 1) % cameras.length].deviceId;
    this.#close();
    return this.#deviceId;
  }

  async #open() {
    const which = this.#deviceId ? { deviceId: { ideal: this.#deviceId } } : { facingMode: { ideal: "user" } };
    this.#stream = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which }, audio: false });
    const [track] = this.#stream.getVideoTracks();
    // People follow a mirror more easily; a camera that looks away from them is no mirror.
    this.#video.classList.toggle("is-mirrored", track.getSettings().facingMode !== "environment");
    this.#video.srcObject = this.#stream;
    await this.#video.play();
  }

  #close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
  }

  async #readUntilLost() {
    const [track] = this.#stream.getVideoTracks();
    let [position, moved] = [-1, performance.now()];
    while (track.readyState === "live") {
      const started = performance.now();
      if (this.#video.currentTime !== position) [position, moved] = [this.#video.currentTime, started];
      if (started - moved > FROZEN_MS && !document.hidden) return;
      if (this.#isReady && moved === started) await this.#readPicture();
      await pause(Math.max(20, BETWEEN_PICTURES_MS - (performance.now() - started)));
    }
  }

  async #readPicture() {
    const picture = await createImageBitmap(this.#video);
    const answer = new Promise((resolve) => (this.#worker.onmessage = ({ data }) => resolve(data)));
    this.#worker.postMessage(picture, [picture]);
    const reply = await Promise.race([answer, pause(READER_DEADLINE_MS)]);
    if (!reply) return this.#startWorker();
    for (const text of reply.texts) this.#onText(text);
  }

  #startWorker() {
    this.#worker?.terminate();
    this.#isReady = false;
    this.#worker = new Worker("/static/js/kiosk/decoder.js", { type: "module" });
    this.#worker.onerror = () => this.#onState("broken");
    this.#worker.onmessage = ({ data }) => {
      this.#isReady = data.ready === true;
      this.#onState(this.#isReady ? "reading" : "broken");
    };
  }
}

function stateOf(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "missing";
  return "lost";
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function deviceChangeOr(milliseconds) {
  const plugged = new Promise((resolve) =>
    navigator.mediaDevices.addEventListener("devicechange", resolve, { once: true }),
  );
  return Promise.race([plugged, pause(milliseconds)]);
}
