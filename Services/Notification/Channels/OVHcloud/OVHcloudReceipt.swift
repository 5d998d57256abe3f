/// A delivery receipt as OVHcloud calls the account's address with it: the job and what became of it, in the query.
///
/// Its guide on SMS users tells the fields; `ptt`, the network's own code beside them, says no more of the end.
package enum OVHcloudReceipt {
    /// Nil when the query names no job, or nothing of it.
    package static func read(_ query: (String) -> String?) -> GatewayReceipt? {
        guard let id = query("id"), !id.isEmpty, id.utf8.count <= 40, let code = query("description") else {
            return nil
        }
        let verdict: GatewayReceipt.Verdict? =
            switch code {
            case "1": .delivered
            case "2", "16": .undelivered
            // On its way: being made (0), waiting (4), in a buffer (8).
            default: nil
            }
        return GatewayReceipt(.reference(id), code: String(code.prefix(20)), verdict: verdict)
    }
}
