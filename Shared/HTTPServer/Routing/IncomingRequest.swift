/// A request as it arrives, before anything about it is known.
package struct IncomingRequest: Sendable {
    /// Reads the body, at most so many bytes.
    package typealias Body = @Sendable (_ bytesMax: Int) async throws -> [UInt8]

    /// Hands over the body piece by piece, as it arrives.
    package typealias Pieces = @Sendable (_ take: ([UInt8]) async throws -> Void) async throws -> Void

    /// The body is larger than was allowed.
    package struct BodyTooLarge: Error {}

    /// The client went away before the body was whole.
    package struct BodyCutShort: Error {}

    let method: String
    let target: String
    let headers: Headers
    let body: Body
    let pieces: Pieces

    /// Whether a body follows: without either header there is none (RFC 9112, section 6.3).
    var announcesBody: Bool {
        headers["Transfer-Encoding"] != nil || headers["Content-Length"].map { $0 != "0" } ?? false
    }

    /// How large the body will be, where that is said.
    var bytesAnnounced: Int? { headers["Content-Length"].flatMap { Int($0) } }

    /// A request whose body is still to come.
    ///
    /// Without `pieces` the body comes as one.
    package init(
        method: String, target: String, headers: Headers, body: @escaping Body, pieces: Pieces? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.pieces = pieces ?? { take in try await take(try await body(.max)) }
    }

    /// A request that is whole.
    package init(method: String, target: String, headers: Headers = Headers(), bytes: [UInt8] = []) {
        self.init(method: method, target: target, headers: headers) { bytesMax in
            guard bytes.count <= bytesMax else { throw BodyTooLarge() }
            return bytes
        }
    }
}
