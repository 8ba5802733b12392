using System.Globalization;
using System.Net;
using System.Text;
using FedRec.Contracts.RemoteParties;
using FedRec.Web.Api;
using FedRec.Web.Dashboard;

namespace FedRec.Cli.Parties;

/// <summary>The page of a party on its own machine: pick a user, see the list with its reasons. Works without scripts.</summary>
internal sealed class PartyPage(PartyCode code, NewestModel newest)
{
    private const int Items = 10;

    /// <summary>The page.</summary>
    /// <param name="at">Where it is.</param>
    /// <param name="user">Whose list; null for nobody's yet.</param>
    /// <param name="answers">Makes the lists.</param>
    public string Render(string at, string? user, PartyAnswers answers)
    {
        var body = new StringBuilder();
        body.Append(CultureInfo.InvariantCulture, $"<h1>{Safe(code.Name)} <span class=\"muted\">of {Safe(code.Federation)}</span></h1><p class=\"hint\">{Safe(ModelWords())}</p>");
        body.Append(CultureInfo.InvariantCulture, $"<form method=\"get\" action=\"{Safe(at)}\"><label>User <input name=\"user\" list=\"users\" value=\"{Safe(user ?? "")}\"></label> <button class=\"primary\">Recommend</button><datalist id=\"users\">");
        foreach (var one in answers.FindUsers(of: null, "", 50))
        {
            body.Append(CultureInfo.InvariantCulture, $"<option value=\"{Safe(one)}\">");
        }

        body.Append("</datalist></form>");
        if (!string.IsNullOrEmpty(user))
        {
            body.Append(List(user, answers));
        }

        return $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{Safe(code.Name)}</title><link rel=\"icon\" href=\"{AssetCatalogue.Path(at, "icon.svg")}\">"
            + $"<link rel=\"stylesheet\" href=\"{AssetCatalogue.Path(at, "theme.css")}\"><link rel=\"stylesheet\" href=\"{AssetCatalogue.Path(at, "layout.css")}\"></head><body><main>{body}</main></body></html>";
    }

    private static string List(string user, PartyAnswers answers)
    {
        try
        {
            var rows = answers.Recommend(user, of: null, Items, explain: true, part: null).Items
                .Select(item => $"<li><strong>{item.Rank}. {Safe(item.Title)}</strong> <span class=\"muted\">{Safe(item.Explanation ?? "")}</span></li>");
            return $"<h2>For {Safe(user)}</h2><ol>{string.Concat(rows)}</ol>";
        }
        catch (ProblemException problem)
        {
            return $"<p role=\"alert\"><strong>{Safe(problem.Problem.Title ?? "")}.</strong> {Safe(problem.Problem.Detail?.Replace("~", "", StringComparison.Ordinal) ?? "")}</p>";
        }
    }

    private string ModelWords() => newest.Kept is not { } kept ? "There is no model yet: the party keeps what a run ends with."
        : string.Create(CultureInfo.InvariantCulture, $"From the model of {kept.Run}{(kept.Version > 0 ? $", version {kept.Version}" : $" after round {kept.Round}")} ({kept.Order.Request.Learner}), fetched {kept.At:u}{(newest.IsBehind ? $"; version {newest.InUse} is in use, and the party does not have it yet" : "")}. Nothing of this page leaves the machine.");

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
