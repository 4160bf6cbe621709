// Write static/huiyin/vendor/echarts.min.js; run by ./build.sh.
import { build } from "esbuild";

await build({
  entryPoints: ["charts.js"],
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "echarts",
  target: ["es2019"],
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"', __DEV__: "false" },
  banner: { js: "/* Apache ECharts 6.1.0, Apache License 2.0; see LICENSE-echarts.txt */" },
  outfile: process.argv[2],
});
