"""The story of a customer's values in the formats that others read: plain data, W3C PROV-JSON, FHIR R4."""
