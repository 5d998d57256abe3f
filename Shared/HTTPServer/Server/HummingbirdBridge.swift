import HTTPTypes
import HummingbirdCore
import NIOCore

/// Between the types of the framework and ours.
enum HummingbirdBridge {
    static func respond(
        to request: HummingbirdCore.Request, _ channel: any Channel, _ pipeline: RequestPipeline
    ) async -> HummingbirdCore.Response {
        let response = await pipeline.respond(to: incoming(request))
        var headers = HTTPFields()
        for field in response.headers.fields {
            guard let name = HTTPField.Name(field.name) else { continue }
            headers.append(HTTPField(name: name, value: field.value))
        }
        let isHead = request.method == .head
        return HummingbirdCore.Response(
            status: HTTPResponse.Status(code: response.status.code), headers: headers,
            body: isHead ? ResponseBody() : body(of: response, channel, pipeline))
    }

    private static func incoming(_ request: HummingbirdCore.Request) -> IncomingRequest {
        var headers = Headers()
        for field in request.headers { headers.append(field.name.rawName, field.value) }
        return IncomingRequest(
            method: request.method.rawValue, target: request.head.path ?? "", headers: headers,
            body: { bytesMax in try await bytes(of: request.body, bytesMax) },
            pieces: { take in try await hand(request.body, to: take) })
    }

    private static func bytes(of body: RequestBody, _ bytesMax: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await buffer in body {
            guard bytes.count + buffer.readableBytes <= bytesMax else { throw IncomingRequest.BodyTooLarge() }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        // A cancelled body ends as if it were whole.
        try Task.checkCancellation()
        return bytes
    }

    private static func hand(_ body: RequestBody, to take: ([UInt8]) async throws -> Void) async throws {
        for try await buffer in body { try await take(Array(buffer.readableBytesView)) }
        // A cancelled body ends as if it were whole.
        try Task.checkCancellation()
    }

    private static func body(
        of response: Response, _ channel: any Channel, _ pipeline: RequestPipeline
    ) -> ResponseBody {
        switch response.body {
        case .empty: return response.closesConnection ? closing(channel, ByteBuffer()) : ResponseBody()
        case .bytes(let bytes):
            let buffer = ByteBuffer(bytes: bytes)
            return response.closesConnection ? closing(channel, buffer) : ResponseBody(byteBuffer: buffer)
        case .chunks(let chunks):
            return ResponseBody { writer in
                for try await chunk in chunks { try await writer.write(ByteBuffer(bytes: chunk)) }
                try await writer.finish(nil)
            }
        case .events(let events):
            return ResponseBody { writer in
                let stream = LiveStream(events: events, pipeline: pipeline, timeMax: response.streamTimeMax)
                try await stream.write(to: &writer, channel)
            }
        }
    }

    /// How long an answer has to reach a client that is still sending.
    private static let lingering = TimeAmount.seconds(1)

    /// Closes the connection after the answer: the client may go on sending what nobody will read.
    private static func closing(_ channel: any Channel, _ buffer: ByteBuffer) -> ResponseBody {
        ResponseBody(contentLength: buffer.readableBytes) { writer in
            try await writer.write(buffer)
            try await writer.finish(nil)
            channel.eventLoop.scheduleTask(in: lingering) { channel.close(promise: nil) }
        }
    }
}
