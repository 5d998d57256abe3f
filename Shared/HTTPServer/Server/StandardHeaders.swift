import Observability
import PaymentModel

/// Headers that every answer has.
enum StandardHeaders {
    /// Follows one piece of work through all services.
    static let correlation = "X-Correlation-ID"

    /// What a browser must not do with our answers; no answer is for another site's script, so CORS stays off.
    private static let security: [(String, String)] = [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ]

    static func add(to response: inout Response, _ record: RequestRecord) {
        for (name, value) in security { response.headers.append(name, value) }
        if response.headers["Content-Security-Policy"] == nil {
            response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        }
        // What is answered to one caller must not be kept for the next.
        if response.headers["Cache-Control"] == nil { response.headers["Cache-Control"] = "no-store" }
        response.headers[correlation] = record.correlation.description
        response.headers["traceparent"] = record.trace.traceparent
        if response.closesConnection { response.headers["Connection"] = "close" }
    }
}
