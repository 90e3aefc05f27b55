// The weight keypad: a tablet needs no keyboard over half of its screen. Without it, the field is typed in.
document.addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]");
  if (!key) return;
  const input = key.closest("[data-weigh]").querySelector("[name=kg]");
  const digit = key.dataset.key;
  if (digit === "") input.value = input.value.slice(0, -1);
  else if (digit !== "," || !input.value.includes(",")) input.value += digit;
});

// Reading a QR code with the camera, where the browser can; elsewhere the code is typed, or a hand-held reader types it.
const scan = document.querySelector("[data-scan]");
const readable = async () => "BarcodeDetector" in window && navigator.mediaDevices
  && (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
if (scan && await readable().catch(() => false)) {
  const box = document.getElementById("scan"), video = box.querySelector("video"), search = document.getElementById("q");
  const reader = new BarcodeDetector({ formats: ["qr_code"] });
  const stop = () => { for (const track of video.srcObject?.getTracks() ?? []) track.stop(); video.srcObject = null; };
  const look = async () => {
    if (!box.open) return;
    const [code] = await reader.detect(video).catch(() => []);
    if (!code) return setTimeout(look, 150);
    search.value = code.rawValue;
    search.form.requestSubmit();
    box.close();
  };
  scan.hidden = false;
  scan.addEventListener("click", async () => {
    box.querySelector("[data-no-camera]").hidden = true;
    box.showModal();
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      await video.play();
      look();
    } catch { box.querySelector("[data-no-camera]").hidden = false; }
  });
  box.addEventListener("close", stop);
}
