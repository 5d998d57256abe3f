import Crypto
import PaymentModel
import Synchronization

/// A body that is read while it arrives: a file too large to be held in memory.
package final class Upload: Sendable {
    private struct State {
        var hash: SHA256
        var bytes = 0
        var isRead = false
    }

    private let pieces: IncomingRequest.Pieces
    private let bytesMax: Int
    private let bytesAnnounced: Int?
    private let state: Mutex<State>

    init(_ incoming: IncomingRequest, bytesMax: Int, hash: SHA256) {
        pieces = incoming.pieces
        self.bytesMax = bytesMax
        bytesAnnounced = incoming.bytesAnnounced
        state = Mutex(State(hash: hash))
    }

    /// How much has arrived.
    package var bytesRead: Int { state.withLock { $0.bytes } }

    /// Whether all of it was read, so that the connection can be used again.
    var isRead: Bool { state.withLock { $0.isRead } }

    /// What was read, with what it was asked for.
    var fingerprint: [UInt8] { state.withLock { Array($0.hash.finalize()) } }

    /// Hands over every piece as it arrives, once.
    ///
    /// When `take` refuses one, the rest is still read and thrown away, and then the refusal thrown: a client that is
    /// sending would not read the answer.
    package func read(_ take: ([UInt8]) async throws -> Void) async throws {
        var refusal: (any Error)?
        do {
            try await pieces { piece in
                try self.count(piece)
                guard refusal == nil else { return }
                do {
                    try await take(piece)
                } catch let ended as CancellationError {
                    throw ended
                } catch {
                    refusal = error
                }
            }
        } catch is IncomingRequest.BodyTooLarge {
            throw Problem.bodyTooLarge(bytesMax)
        }
        // A connection that breaks may look like the end of the file.
        if let bytesAnnounced, bytesAnnounced != bytesRead { throw refusal ?? IncomingRequest.BodyCutShort() }
        state.withLock { $0.isRead = true }
        if let refusal { throw refusal }
    }

    private func count(_ piece: [UInt8]) throws(IncomingRequest.BodyTooLarge) {
        let isTooLarge = state.withLock { state in
            state.hash.update(data: piece)
            state.bytes += piece.count
            return state.bytes > bytesMax
        }
        if isTooLarge { throw IncomingRequest.BodyTooLarge() }
    }
}

extension Problem {
    static func bodyTooLarge(_ bytesMax: Int) -> Problem {
        Problem(
            .bodyTooLarge, detail: "The body has more than \(bytesMax) bytes.", remedy: "Send it in smaller parts.")
    }
}
