/// A delivery receipt as OVHcloud calls the account's address with it: the job and a code, in the query.
///
/// The fields are not in its public pages; an unknown code decides nothing.
package enum OVHcloudReceipt {
    /// Nil when the query names no job.
    package static func read(_ query: (String) -> String?) -> GatewayReceipt? {
        guard let id = query("id"), !id.isEmpty, id.utf8.count <= 40, let code = query("dlr") else { return nil }
        let verdict: GatewayReceipt.Verdict? =
            switch code {
            case "1": .delivered
            case "2", "16": .undelivered
            default: nil
            }
        return GatewayReceipt(.reference(id), code: String(code.prefix(20)), verdict: verdict)
    }
}
