import FoundationEssentials
package import PaymentModel

/// What a route answers.
package struct Response: Sendable {
    /// Where the bytes come from.
    package enum Body: Sendable {
        case empty
        case bytes([UInt8])
        /// Parts as they are made; an error ends the connection so that half a file is not taken for a whole one.
        case chunks(AsyncThrowingStream<[UInt8], any Error>)
        case events(AsyncStream<ServerSentEvent>)
    }

    /// The status.
    package var status: Status

    /// Headers of this answer; those that all answers have are added by the server.
    package var headers: Headers

    /// The body.
    package var body: Body

    /// Code of the problem it tells of, for the access log.
    var problem: String?

    /// Whether the connection must not be used again because a part of the request was left unread.
    var closesConnection = false

    /// How long events are sent at most: no longer than the caller may see them.
    var streamTimeMax: Duration?

    /// An answer put together by hand.
    package init(_ status: Status, headers: Headers = Headers(), body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

extension Response {
    /// A value as JSON, names in alphabetical order so that equal values are equal texts.
    package static func json(_ status: Status, _ value: some Encodable) throws -> Response {
        Response(
            status, headers: ["Content-Type": "application/json"], body: .bytes(try JSONBody.bytes(of: value)))
    }

    /// What people read of it is in the reader's language.
    package func told(in language: Language) -> Response {
        with("Content-Language", language.rawValue).with("Vary", "Accept-Language")
    }

    /// Nothing but a status.
    package static func empty(_ status: Status = .noContent) -> Response { Response(status) }

    /// Bytes of a given type; with `filename` a browser saves instead of showing them.
    package static func bytes(
        _ status: Status, _ bytes: [UInt8], contentType: String, filename: String? = nil
    ) -> Response {
        Response(status, headers: fileHeaders(contentType, filename), body: .bytes(bytes))
    }

    /// Bytes that are too many to hold at once.
    package static func chunks(
        _ chunks: AsyncThrowingStream<[UInt8], any Error>, contentType: String, filename: String? = nil
    ) -> Response {
        Response(.ok, headers: fileHeaders(contentType, filename), body: .chunks(chunks))
    }

    /// Text of a given type.
    package static func text(
        _ status: Status, _ text: String, contentType: String = "text/plain; charset=utf-8"
    ) -> Response {
        bytes(status, Array(text.utf8), contentType: contentType)
    }

    /// A page for people; it may load nothing but its own style and post only to us.
    package static func html(_ status: Status, _ page: String) -> Response {
        var response = text(status, page, contentType: "text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] =
            "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
            + "script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        return response
    }

    /// Sends the browser elsewhere, with GET.
    package static func redirect(to location: String) -> Response {
        Response(.seeOther, headers: ["Location": location])
    }

    /// Live events until the stream ends or the reader leaves; a sign of life is sent in between.
    package static func serverSentEvents(_ events: AsyncStream<ServerSentEvent>) -> Response {
        Response(.ok, headers: ["Content-Type": "text/event-stream"], body: .events(events))
    }

    /// The answer with one more header.
    package func with(_ name: String, _ value: String) -> Response {
        var response = self
        response.headers[name] = value
        return response
    }

    private static func fileHeaders(_ contentType: String, _ filename: String?) -> Headers {
        var headers: Headers = ["Content-Type": contentType]
        if let filename {
            let safe = filename.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
            headers["Content-Disposition"] = "attachment; filename=\"\(safe)\""
        }
        return headers
    }

    /// A problem as `application/problem+json`.
    static func problem(
        _ problem: Problem, traceID: String?, in language: Language, _ phrases: Phrasebook
    ) -> Response {
        let bytes = (try? JSONBody.bytes(of: problem.body(traceID: traceID, in: language, phrases))) ?? []
        var response = Response(problem.status, headers: problem.headers, body: .bytes(bytes))
        response.headers["Content-Type"] = "application/problem+json"
        response.problem = problem.code.name
        return response.told(in: language)
    }
}

extension Request {
    /// A value as JSON, its sentences in the caller's language; `Response.json` says them in English.
    package func json(_ status: Status, _ value: some Encodable) throws -> Response {
        Response(
            status, headers: ["Content-Type": "application/json"],
            body: .bytes(try JSONBody.bytes(of: value, for: reader))
        ).told(in: reader.language)
    }
}

/// Writing values as JSON.
enum JSONBody {
    static func bytes(of value: some Encodable, for reader: Reader = .english) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.userInfo[.reader] = reader
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}
