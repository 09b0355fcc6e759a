"""Frame in, Vega-Lite spec out: one chart a file, one notation everywhere.

Every chart module has ``frame(...)`` (an Arrow table, documented: columns, one row per what), ``spec(...)`` (a
Vega-Lite spec without data, cached by its shape) and ``title(...)`` (the finding, made from the numbers). A page draws
``st.vega_lite_chart(frame, described(spec, title), theme=None)``, with the title as text above it so that it can wrap.
"""
