import PaymentModel

/// How far a file on its way in is (REC-3, REC-4).
struct FileImportAnswer: Codable, Sendable {
    /// How far it is.
    struct Progress: Sendable {
        var format: String?
        var bytes: Int64 = 0
        var lines: Int64 = 0
    }

    let id: FileImportID
    let kind: String
    /// The Idempotency-Key of the request that brings it.
    let key: String?
    let state: String
    /// Whether it is only tried: nothing of it is kept.
    let isDryRun: Bool
    let format: String?
    let bytes: Int64
    let lines: Int64
    /// As the request announced it.
    let bytesInAll: Int64?
    let trouble: Sentence?
    let startedAt: Instant
    let changedAt: Instant
}
