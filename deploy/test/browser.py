"""browser.py OUT REPORT PAGE...: opens pages of a run in headless Chromium, as readers do, and fails on what would hinder them.

Each page on a wide screen and on a phone, light and dark: nothing is loaded beside it, nothing sticks out sideways, axe-core has no
finding that is serious or critical. Each printed: A4, no sheet half empty but before an ECG that needs a sheet of its own, at most
PAGES of them for the report. The ECG paper is measured in the picture, on the screen and on paper: within one percent of its
millimetres. Pictures of all are left in OUT.
"""

import shutil
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright

PAGES = 16
SCREENS = {"wide": (1400, "light"), "phone": (390, "light"), "dark": (1400, "dark"), "phone-dark": (390, "dark")}
DPI = 600
LINE = 0.28  # of a trace, mm


def browser():
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    raise SystemExit("Cannot find Chromium: apt-get install chromium")


def pulses(picture, dpi):
    """Height and width in millimetres of the calibration pulses (1 mV, drawn 10 mm high and 5 mm wide) at the left of a picture."""
    mm = dpi / 25.4
    dark = np.asarray(picture.convert("RGB").crop((0, 0, int(45 * mm), picture.height))).max(axis=2) < 140
    edges = np.diff(np.pad(dark, ((1, 1), (0, 0))).astype(np.int8), axis=0)
    legs = []
    for x in np.flatnonzero((dark.sum(axis=0) > 9 * mm)):
        for top, end in zip(np.flatnonzero(edges[:, x] == 1), np.flatnonzero(edges[:, x] == -1)):
            if 9 * mm < end - top < 11.6 * mm:
                legs.append((int(top), int(x), int(end - top)))
    found = []
    taken = -mm
    for top in sorted({top for top, _, _ in legs}):
        # The corners of a line are round: its outer columns begin lower, and are no pulse of their own.
        if top - taken < mm:
            continue
        of = [leg for leg in legs if 0 <= leg[0] - top < mm / 2]
        # An R wave may begin as high.
        of = [leg for leg in of if leg[1] < min(x for _, x, _ in of) + 6 * mm]
        left, right = min(x for _, x, _ in of), max(x for _, x, _ in of)
        if right - left > 4 * mm:
            taken = top
            found.append(((max([height for _, _, height in of]) / mm - LINE), (right - left + 1) / mm - LINE))
    return found


def require_scale(name, measured):
    for height, width in measured:
        assert abs(height / 10 - 1) < 0.01 and abs(width / 5 - 1) < 0.01, f"{name}: a pulse of 10 x 5 mm measures {height:.3f} x {width:.3f} mm"
    return [value for height, width in measured for value in (height / 10, width / 5)]


def on_screen(chromium, page, out):
    """The scale of the page's first ECG in a picture; pixels are small, for the paper's lines are thin."""
    tab = chromium.new_page(viewport={"width": 1400, "height": 900}, device_scale_factor=6)
    tab.goto(page.as_uri())
    drawing = out / f"{page.stem}-ecg.png"
    tab.locator("svg.ecg").first.screenshot(path=drawing)
    tab.close()
    measured = pulses(Image.open(drawing), 6 * 96)
    assert measured, f"{page.name}: no calibration pulse on the screen"
    return require_scale(f"{page.name} on the screen", measured)


def screens(chromium, page, out, axe):
    for screen, (width, scheme) in SCREENS.items():
        tab = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        loaded, faults = [], []
        tab.on("request", lambda request: loaded.append(request.url))
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.goto(page.as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        wide = tab.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{page.name}, {screen}: {wide} pixels wide"
        if scheme == "dark":
            shade = tab.evaluate("getComputedStyle(document.body).backgroundColor")
            assert max(map(int, shade[4:-1].split(",")[:3])) < 64, f"{page.name}, {screen}: background {shade}"
        tab.screenshot(path=out / f"{page.stem}-{screen}.png", full_page=True)
        tab.evaluate(axe)
        found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        bad = [f for f in found if f["impact"] in ("serious", "critical")]
        assert not bad, f"{page.name}, {screen}: axe " + "; ".join(f"{f['id']} ({f['help']}): {f['nodes'][0]['html'][:120]}" for f in bad)
        assert not faults, f"{page.name}, {screen}: {faults}"
        assert [url for url in loaded if not url.startswith(("data:", page.as_uri()))] == [], f"{page.name}: loads {loaded}"
        tab.close()


def ecg_below_the_heading(picture):
    """The share of a sheet that it takes to the end of an ECG at its top, which cannot be broken; 0 if it begins with something else."""
    red, green, blue = np.moveaxis(np.asarray(picture.convert("RGB")).astype(int), 2, 0)
    rosy = ((red > 240) & (red - blue > 4) & (green >= blue)).mean(axis=1) > 0.3
    rows = np.flatnonzero(rosy)
    if len(rows) == 0 or rows[0] > 0.15 * len(rosy):
        return 0
    ends = np.flatnonzero(np.diff(rows) > 0.02 * len(rosy))
    return (rows[ends[0]] if len(ends) else rows[-1]) / len(rosy)


def printed(chromium, page, out):
    """How many sheets of paper a page takes, and the scales of its ECGs on them."""
    tab = chromium.new_page()
    tab.goto(page.as_uri())
    pdf = out / f"{page.stem}.pdf"
    tab.pdf(path=pdf, prefer_css_page_size=True)
    tab.close()
    document = pypdfium2.PdfDocument(pdf)
    used, scales, begins = [], [], []
    for number, sheet in enumerate(document):
        assert sorted(round(side / 72 * 25.4) for side in sheet.get_size()) == [210, 297], f"{page.name}: {sheet.get_size()} is not A4"
        picture = sheet.render(scale=60 / 72).to_pil()
        picture.save(out / f"{page.stem}-print-{number + 1:02}.png")
        pixels = np.asarray(picture.convert("L"))
        used.append(np.flatnonzero((pixels < 250).any(axis=1)).max() / len(pixels))
        begins.append(ecg_below_the_heading(picture))
        # What lies right of the pulses is of no use here.
        left = sheet.render(scale=DPI / 72, crop=(0, 0, sheet.get_width() - 60 / 25.4 * 72, 0)).to_pil()
        scales += require_scale(f"{page.name}, sheet {number + 1}", pulses(left, DPI))
    assert scales, f"{page.name}: no ECG on paper"
    short = [number + 1 for number, share in enumerate(used[:-1]) if share < 0.5 and begins[number + 1] < 1 - share]
    assert not short, f"{page.name}: sheets {short} of {len(used)} are half empty"
    return len(used), scales


def main():
    out, report, *pages = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        for page in (report, *pages):
            page = page.resolve()
            screens(chromium, page, out, axe)
            sheets, scales = printed(chromium, page, out)
            scales += on_screen(chromium, page, out)
            assert page.name != report.name or sheets <= PAGES, f"{page.name}: {sheets} sheets, at most {PAGES}"
            off = max(abs(scale - 1) for scale in scales)
            print(f"browser: {page.name}: {len(SCREENS)} screens without serious findings, {sheets} sheets, "
                  f"scale within {100 * off:.2f} %")
        chromium.close()


main()
