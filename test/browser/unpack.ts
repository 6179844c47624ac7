/** Unpacks the browser of npm into the folder that TMPDIR names, which is the only one it can be told of. */
import chromium from '@sparticuz/chromium';

await chromium.executablePath();
