using Microsoft.Playwright;

namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>Words that a page breaks in the middle, where its columns are too narrow for them. Long ones, such as hashes and ids, may be broken, and so may code.</summary>
internal static class BrokenWords
{
    /// <summary>Each with where it stands.</summary>
    public static Task<string[]> OfAsync(IPage page) => page.EvaluateAsync<string[]>("""
        () => [...document.querySelectorAll("header *, .card *")].filter(e => e.checkVisibility() && !e.closest("svg, .chart, select, datalist, code"))
          .flatMap(e => [...e.childNodes].filter(node => node.nodeType === Node.TEXT_NODE))
          .flatMap(text => [...text.data.matchAll(/(?<!\S)\p{L}{2,20}(?!\p{L})/gu)].filter(word => {
            const range = document.createRange();
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            return new Set([...range.getClientRects()].filter(box => box.width > 0).map(box => Math.round(box.top))).size > 1;
          }).map(word => `${word[0]} in ${text.parentElement.localName}.${text.parentElement.className} at ${innerWidth}: ${text.data.trim().slice(0, 60)}`))
        """);
}
