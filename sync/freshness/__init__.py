"""Can a field be trusted today? Coverage (is somebody watching?) and freshness (when was it last confirmed?) apart."""
