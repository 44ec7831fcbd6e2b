// A plugin of clang-tidy 19 that keeps its checks away from system headers, whose findings it would
// not print anyway: the checks took four fifths of its time, nearly all of it in the headers of the
// standard library and of Boost. It narrows down the AST's traversal scope, as clangd does. A later
// clang-tidy may do so itself. clang_tidy_finds_test checks that findings in our own code are still
// there.

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/FrontendPluginRegistry.h>

#include <memory>
#include <string>
#include <vector>

namespace {

class ScopeNarrower final : public clang::ASTConsumer {
 public:
  void HandleTranslationUnit(clang::ASTContext& context) override {
    const clang::SourceManager& sources = context.getSourceManager();
    std::vector<clang::Decl*> scope;
    for (clang::Decl* declaration : context.getTranslationUnitDecl()->decls()) {
      const clang::SourceLocation location = sources.getExpansionLoc(declaration->getLocation());
      if (location.isValid() && !sources.isInSystemHeader(location)) scope.push_back(declaration);
    }
    context.setTraversalScope(scope);
  }
};

class SkipSystemHeaders final : public clang::PluginASTAction {
 protected:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& /*compiler*/,
                                                        llvm::StringRef /*file*/) override {
    return std::make_unique<ScopeNarrower>();
  }

  bool ParseArgs(const clang::CompilerInstance& /*compiler*/,
                 const std::vector<std::string>& /*arguments*/) override {
    return true;
  }

  ActionType getActionType() override { return AddBeforeMainAction; }
};

const clang::FrontendPluginRegistry::Add<SkipSystemHeaders> kPlugin(
    "skip-system-headers", "checks only code outside of system headers");

}  // namespace
