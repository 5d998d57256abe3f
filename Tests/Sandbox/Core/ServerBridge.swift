import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Keeps the connection of a request, so that a fault can end it without a byte of an answer.
struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

/// Between the server library's types and ours.
enum ServerBridge {
    /// Large enough for any file the system sends, small enough to keep the process small.
    static let bodyBytesMax = 4 * 1024 * 1024

    static func call(_ request: Request, _ context: ConnectionContext) async throws -> Call {
        var body: [UInt8] = []
        for try await buffer in request.body where body.count < bodyBytesMax {
            body.append(contentsOf: buffer.readableBytesView)
        }
        var parameters: [String: String] = [:]
        for (key, value) in context.parameters { parameters[String(key)] = String(value).percentDecoded }
        let target = request.head.path ?? ""
        let query = target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        return Call(
            method: request.method.rawValue, path: String(target.prefix { $0 != "?" }), parameters: parameters,
            query: pairs(query), headers: request.headers.map { ($0.name.rawName, $0.value) }, body: body)
    }

    private static func pairs(_ query: Substring) -> [(name: String, value: String)] {
        query.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(halves[0]).formDecoded, halves.count > 1 ? String(halves[1]).formDecoded : "")
        }
    }

    static func response(_ answer: FaultyCall.Answer, _ context: ConnectionContext) async -> Response {
        switch answer {
        case .reply(let reply): return response(reply)
        case .hangUp:
            // Nothing can be written after this, so the client sees the end of the connection and no answer.
            try? await context.channel.close()
            return Response(status: .internalServerError)
        }
    }

    private static func response(_ reply: Reply) -> Response {
        var headers = HTTPFields()
        for (name, value) in reply.headers {
            if let field = HTTPField.Name(name) { headers[field] = value }
        }
        return Response(
            status: HTTPResponse.Status(code: reply.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
    }
}
