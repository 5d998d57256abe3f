/// A file the provider makes on request: asked for, polled, then downloaded.
struct AlmaExport: Sendable {
    let id: String
    let merchantID: String
    let type: String
    let payoutID: String?
    let start: Int64?
    let end: Int64?
    let created: Int64
    /// Reads before it is ready, so that a client must really poll.
    var readsUntilComplete: Int

    var isComplete: Bool { readsUntilComplete <= 0 }

    func json(baseURL: String) -> JSON {
        let url = isComplete ? JSON.text("\(baseURL)/v1/data-exports/\(id)?format=csv") : .null
        return [
            "id": .text(id), "type": .text(type), "complete": .bool(isComplete), "created": .integer(created),
            "updated": .integer(created), "start": .optional(start), "end": .optional(end),
            "merchant": .text(merchantID), "payout": .optional(payoutID), "include_child_accounts": false,
            "url_csv": url, "url_pdf": .null, "url_xlsx": .null, "url_xml": .null, "url_zip": .null,
        ]
    }
}

/// The exports asked for so far.
struct AlmaExports: Sendable {
    static let types: Set<String> = ["payments", "accounting", "accounting_for_payout"]

    private(set) var all: [AlmaExport] = []

    mutating func add(_ export: AlmaExport) { all.append(export) }

    /// Each read brings the export nearer to ready.
    mutating func read(_ id: String, of merchantID: String) throws -> AlmaExport {
        guard let index = all.firstIndex(where: { $0.id == id && $0.merchantID == merchantID }) else {
            throw AlmaError.unknown
        }
        all[index].readsUntilComplete -= 1
        return all[index]
    }
}
