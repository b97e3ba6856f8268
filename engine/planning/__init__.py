"""From rules and anchors to windows, timers and choices, as values; decides nothing by itself."""
